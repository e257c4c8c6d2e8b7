"""Times this model against torch on the same processors, turn by turn in one run.

    go test -c -o /tmp/minilm.test ./internal/embedding/minilm
    pip install torch transformers
    python internal/embedding/minilm/testdata/torch_bench.py /tmp/minilm.test

torch runs transformers' BertModel in the shape of MiniLM-L6-v2 with random weights, which takes as
long as with the real ones: fp32, inference mode, token ids given, mean pooling and scaling as
sentence-transformers does them. Its tokenising is left out; ours is BenchmarkEmbed, text in, vector
out. torch spreads one text over its threads, ours takes one text a processor.

A round is half a second of each or one call; figures are medians over the rounds. Where others use
the machine too, believe the processor time of one processor: torch's two threads wait for each other.
"""

import re
import statistics
import subprocess
import sys
import time

import torch
from transformers import BertConfig, BertModel

CASES = [  # processors, texts at once, tokens of each
    (1, 1, 8), (1, 1, 16), (1, 1, 64), (1, 1, 256), (1, 8, 256),
    (2, 1, 8), (2, 1, 64), (2, 2, 256), (2, 8, 256),
]

model = BertModel(BertConfig(
    vocab_size=30522, hidden_size=384, num_hidden_layers=6, num_attention_heads=12, intermediate_size=1536,
)).eval()


@torch.inference_mode()
def embed(ids, mask):
    states = model(input_ids=ids, attention_mask=mask).last_hidden_state
    weight = mask.unsqueeze(-1).float()
    return torch.nn.functional.normalize((states * weight).sum(1) / weight.sum(1).clamp(min=1e-9))


def theirs(processors, texts, tokens):
    """Milliseconds a text: elapsed, and of processor time."""
    torch.set_num_threads(processors)
    ids, mask = torch.randint(1000, 30000, (texts, tokens)), torch.ones(texts, tokens, dtype=torch.long)
    embed(ids, mask)
    start, spent, calls = time.perf_counter(), time.process_time(), 0
    while calls < 1 or time.perf_counter() - start < .5:
        embed(ids, mask)
        calls += 1
    scale = 1e3 / calls / texts
    return (time.perf_counter() - start) * scale, (time.process_time() - spent) * scale


def ours(binary, processors, texts, tokens):
    name = f"BenchmarkEmbed/texts={texts}$/tokens={tokens}$"
    out = subprocess.run([binary, "-test.run", "xxx", "-test.bench", name, "-test.benchtime", ".5s",
                          "-test.cpu", str(processors)], capture_output=True, text=True, check=True).stdout
    return 1e3 / float(re.search(r"([\d.]+) texts/s", out)[1]), float(re.search(r"([\d.]+) cpu-ms/text", out)[1])


def main(binary, rounds):
    print(f"torch {torch.__version__}, {rounds} rounds; ms a text; ratios torch / resonance\n")
    print("| processors | texts at once | tokens | torch | resonance | ratio (quartiles) | ratio of processor time |")
    print("|---|---|---|---|---|---|---|")
    for processors, texts, tokens in CASES:
        pairs = [(theirs(processors, texts, tokens), ours(binary, processors, texts, tokens)) for _ in range(rounds)]
        low, middle, high = statistics.quantiles([t[0] / o[0] for t, o in pairs], n=4)
        spent = statistics.median(t[1] / o[1] for t, o in pairs)
        t, o = (statistics.median(p[side][0] for p in pairs) for side in (0, 1))
        print(f"| {processors} | {texts} | {tokens} | {t:.2f} | {o:.2f} | {middle:.2f} ({low:.2f} to {high:.2f}) | {spent:.2f} |",
              flush=True)


main(sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 11)

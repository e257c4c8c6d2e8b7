"""Embeds with sentence-transformers on torch: for each line, a JSON list of texts, it prints one line a text, a JSON list of numbers.

    python torch_embed.py internal/embedding/minilm/model/weights.bin

The model is the one that resonance holds, its weights taken back to fp32, so both compute the same vectors.
"""

import json
import sys
import tempfile

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
from transformers import BertConfig, BertModel, BertTokenizer

HIDDEN, WIDE, LAYERS, POSITIONS, GROUP = 384, 1536, 6, 256, 64


class Reader:
    """Takes tensors off the front of the file, in the order of weights.Model.visit."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.at = 16
        self.vocabulary = self.take(np.int8, int(self.take("<u4", 1)[0])).tobytes().decode()

    def take(self, kind, n):
        taken = np.frombuffer(self.data, kind, n, self.at)
        self.at += taken.nbytes
        return taken

    def vector(self, *shape):
        return torch.tensor(self.take("<f4", int(np.prod(shape))).reshape(shape).copy())

    def matrix(self, rows, columns):
        codes = self.take(np.int8, rows * columns).reshape(-1, GROUP)
        scales = self.take("<f4", len(codes))
        return torch.tensor((codes * scales[:, None]).reshape(rows, columns))


def load(path, folder):
    """The model, by way of a folder as sentence-transformers reads them."""
    r = Reader(path)
    pieces = r.vocabulary.split("\n")
    words, positions = r.matrix(len(pieces), HIDDEN), r.vector(POSITIONS, HIDDEN)
    bert = BertModel(BertConfig(
        vocab_size=len(pieces), hidden_size=HIDDEN, num_hidden_layers=LAYERS, num_attention_heads=12,
        intermediate_size=WIDE, max_position_embeddings=POSITIONS), add_pooling_layer=False)

    def fill(module, weight, bias):
        module.weight.data, module.bias.data = weight, bias

    def norm(module):
        fill(module, r.vector(HIDDEN), r.vector(HIDDEN))

    def linear(module, outputs, inputs):
        fill(module, r.matrix(outputs, inputs), r.vector(outputs))

    e = bert.embeddings
    e.word_embeddings.weight.data, e.position_embeddings.weight.data = words, positions
    e.token_type_embeddings.weight.data.zero_()  # it is part of the positions
    norm(e.LayerNorm)
    for layer in bert.encoder.layer:
        attention = layer.attention
        weights, biases = r.matrix(3 * HIDDEN, HIDDEN), r.vector(3 * HIDDEN)
        for i, part in enumerate((attention.self.query, attention.self.key, attention.self.value)):
            fill(part, weights[i * HIDDEN:(i + 1) * HIDDEN].clone(), biases[i * HIDDEN:(i + 1) * HIDDEN].clone())
        linear(attention.output.dense, HIDDEN, HIDDEN)
        norm(attention.output.LayerNorm)
        linear(layer.intermediate.dense, WIDE, HIDDEN)
        linear(layer.output.dense, HIDDEN, WIDE)
        norm(layer.output.LayerNorm)
    assert r.at == len(r.data)

    bert.save_pretrained(folder)
    BertTokenizer(vocab={piece: i for i, piece in enumerate(pieces)}, do_lower_case=True).save_pretrained(folder)
    transformer = Transformer(folder, max_seq_length=POSITIONS)
    return SentenceTransformer(modules=[transformer, Pooling(HIDDEN), Normalize()], device="cpu")


with tempfile.TemporaryDirectory() as folder:
    model = load(sys.argv[1], folder)
for line in sys.stdin:
    for vector in model.encode(json.loads(line), show_progress_bar=False):
        print(json.dumps(vector.tolist()))
    sys.stdout.flush()

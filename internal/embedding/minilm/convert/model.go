package main

import (
	"fmt"

	"resonance/internal/embedding/minilm/weights"
)

const (
	hidden       = weights.Hidden
	intermediate = weights.Intermediate

	sourcePositions = 512 // rows of the published table; a text has at most weights.MaxTokens
	sourceSegments  = 2
)

// quantise picks the model's tensors by the names that Hugging Face gives them. The pooler is
// left out: sentence embeddings are means of token vectors.
func quantise(source *safetensors) (*weights.Model, error) {
	p := &picker{source: source}
	m := &weights.Model{
		Words:     p.matrix("embeddings.word_embeddings.weight", weights.Vocabulary, hidden),
		Positions: p.positions(),
		Norm:      p.norm("embeddings.LayerNorm"),
	}
	for i := range m.Layers {
		name := fmt.Sprintf("encoder.layer.%d.", i)
		m.Layers[i] = weights.Layer{
			QKV:           p.qkv(name + "attention.self."),
			Attention:     p.linear(name+"attention.output.dense", hidden, hidden),
			AttentionNorm: p.norm(name + "attention.output.LayerNorm"),
			Up:            p.linear(name+"intermediate.dense", intermediate, hidden),
			Down:          p.linear(name+"output.dense", hidden, intermediate),
			Norm:          p.norm(name + "output.LayerNorm"),
		}
	}
	return m, p.err
}

// picker reads tensors and remembers the first error, after which it returns zeros.
type picker struct {
	source *safetensors
	err    error
}

func (p *picker) vector(name string, shape ...int) []float32 {
	values, err := p.source.floats(name, shape...)
	if err != nil {
		if p.err == nil {
			p.err = err
		}
		n := 1
		for _, s := range shape {
			n *= s
		}
		return make([]float32, n)
	}
	return values
}

func (p *picker) matrix(name string, rows, cols int) weights.Quantised {
	return weights.Quantise(p.vector(name, rows, cols), rows, cols)
}

func (p *picker) linear(name string, outputs, inputs int) weights.Linear {
	return weights.Linear{
		Weight: p.matrix(name+".weight", outputs, inputs),
		Bias:   p.vector(name+".bias", outputs),
	}
}

func (p *picker) norm(name string) weights.Norm {
	return weights.Norm{Scale: p.vector(name+".weight", hidden), Shift: p.vector(name+".bias", hidden)}
}

// qkv stacks the three projections of attention, so that one product makes all of them.
func (p *picker) qkv(prefix string) weights.Linear {
	var matrix, bias []float32
	for _, part := range []string{"query", "key", "value"} {
		matrix = append(matrix, p.vector(prefix+part+".weight", hidden, hidden)...)
		bias = append(bias, p.vector(prefix+part+".bias", hidden)...)
	}
	return weights.Linear{Weight: weights.Quantise(matrix, 3*hidden, hidden), Bias: bias}
}

// positions are the position embeddings with that of segment 0, the only one used, added.
func (p *picker) positions() []float32 {
	table := p.vector("embeddings.position_embeddings.weight", sourcePositions, hidden)[:weights.MaxTokens*hidden]
	segment := p.vector("embeddings.token_type_embeddings.weight", sourceSegments, hidden)[:hidden]
	for i := range table {
		table[i] += segment[i%hidden]
	}
	return table
}

package main

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
)

// safetensors is a file of named tensors: the length of a JSON header (uint64), the header,
// and the bytes that the header's offsets point into. All of it is little-endian.
type safetensors struct {
	header map[string]tensorInfo
	data   []byte
}

type tensorInfo struct {
	DType   string   `json:"dtype"`
	Shape   []int    `json:"shape"`
	Offsets [2]int64 `json:"data_offsets"` // into what follows the header
}

func parseSafetensors(file []byte) (*safetensors, error) {
	if len(file) < 8 {
		return nil, errors.New("parse safetensors: no header")
	}
	size := binary.LittleEndian.Uint64(file)
	file = file[8:]
	if size > uint64(len(file)) {
		return nil, fmt.Errorf("parse safetensors: header of %d bytes in a file of %d", size, len(file))
	}
	s := &safetensors{header: map[string]tensorInfo{}, data: file[size:]}
	if err := json.Unmarshal(file[:size], &s.header); err != nil {
		return nil, fmt.Errorf("parse safetensors: %w", err)
	}
	return s, nil
}

// floats returns the float32s of a tensor, row by row; its shape must be the one given.
func (s *safetensors) floats(name string, shape ...int) ([]float32, error) {
	info, ok := s.header[name]
	if !ok {
		return nil, fmt.Errorf("read tensor %s: not in the file", name)
	}
	if info.DType != "F32" || !slices.Equal(info.Shape, shape) {
		return nil, fmt.Errorf("read tensor %s: %s %v, want F32 %v", name, info.DType, info.Shape, shape)
	}
	want := int64(4)
	for _, n := range shape {
		want *= int64(n)
	}
	from, to := info.Offsets[0], info.Offsets[1]
	if from < 0 || to > int64(len(s.data)) || to-from != want {
		return nil, fmt.Errorf("read tensor %s: bytes %d to %d of %d, want %d of them", name, from, to, len(s.data), want)
	}
	values := make([]float32, want/4)
	for i := range values {
		values[i] = math.Float32frombits(binary.LittleEndian.Uint32(s.data[from+int64(4*i):]))
	}
	return values, nil
}

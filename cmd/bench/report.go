package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
)

// print writes a section for people at a terminal.
func (s section) print(w io.Writer) error {
	fmt.Fprintf(w, "\n%s\n", s.title)
	table := tabwriter.NewWriter(w, 0, 0, 3, ' ', 0)
	for _, row := range append([][]string{s.header}, s.rows...) {
		fmt.Fprintf(table, "  %s\n", strings.Join(row, "\t"))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, c := range s.claims {
		fmt.Fprintf(w, "  %s\n", c)
	}
	return nil
}

// markdown returns a section as docs/benchmarks.md holds it.
func (s section) markdown(command string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "## %s\n\n`%s`: %s\n\n", s.title, command, s.intro)
	if len(s.rows) > 0 {
		fmt.Fprintf(&b, "|%s|\n|%s\n", cells(s.header), strings.Repeat("---|", len(s.header)))
		for _, row := range s.rows {
			fmt.Fprintf(&b, "|%s|\n", cells(row))
		}
		b.WriteByte('\n')
	}
	for _, c := range s.claims {
		fmt.Fprintf(&b, "- %s.\n", c)
	}
	if len(s.claims) > 0 {
		b.WriteByte('\n')
	}
	for _, p := range s.plots {
		fmt.Fprintf(&b, "![%s](benchmarks/%s.svg)\n\n", p.title, p.name)
	}
	return b.String()
}

func cells(row []string) string { return " " + strings.Join(row, " | ") + " " }

// replace puts a section between its markers in a document, and leaves the rest of it as it is.
func replace(document, name, text string) (string, error) {
	begin, end := fmt.Sprintf("<!-- bench:%s -->\n", name), fmt.Sprintf("<!-- bench:%s end -->\n", name)
	from, to := strings.Index(document, begin), strings.Index(document, end)
	if from < 0 || to < from {
		return "", fmt.Errorf("there are no lines %q and %q to write between", strings.TrimSpace(begin), strings.TrimSpace(end))
	}
	return document[:from] + begin + "\n" + text + document[to:], nil
}

// write puts a section into the document at path, and its charts into the folder of the document's name beside it.
func (s section) write(path, name, command string) error {
	document, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	text, err := replace(string(document), name, s.markdown(command))
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	dir := strings.TrimSuffix(path, ".md")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for _, p := range s.plots {
		if err := p.write(filepath.Join(dir, p.name+".svg")); err != nil {
			return err
		}
	}
	return os.WriteFile(path, []byte(text), 0o644)
}

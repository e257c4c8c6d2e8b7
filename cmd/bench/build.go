package main

import (
	"cmp"
	"context"
	"debug/elf"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
)

// cost is what a module costs those who build the product.
type cost struct {
	module  string
	compile time.Duration // processor time
	bytes   int64         // of code and data in the binary
}

// listed is how many modules the table names; the others stand in one row.
const listed = 24

// buildCosts measures what each dependency costs in build time and in the size of the binary.
func buildCosts(ctx context.Context, b *bench) (s section, err error) {
	s = section{
		title: "Dependencies", header: []string{"module", "compiling it, processor time", "its symbols in the binary"},
		intro: "`go build -a -pgo=off ./cmd/resonance`, everything compiled anew; sizes as `go tool nm` tells them, so what many share (strings, types, tables of functions) is nobody's, and embedded files, the model's 24.5 MB above all, are not in the sum.",
	}
	modules, err := moduleOf(ctx)
	if err != nil {
		return s, err
	}
	binary, graph := filepath.Join(b.work, "rebuilt"), filepath.Join(b.work, "actions.json")
	if err := buildProduct(ctx, binary, "-a", "-pgo=off", "-debug-actiongraph="+graph); err != nil {
		return s, err
	}
	costs := map[string]*cost{}
	of := func(pkg string) *cost {
		name, known := modules[pkg]
		switch {
		case !known:
			name = "(shared by all)"
		case name == "":
			name = "(Go's own library)"
		}
		if costs[name] == nil {
			costs[name] = &cost{module: name}
		}
		return costs[name]
	}
	if err := addCompiling(graph, of); err != nil {
		return s, err
	}
	if err := addSizes(ctx, binary, of); err != nil {
		return s, err
	}
	s.rows = costTable(costs)
	info, err := os.Stat(binary)
	if err != nil {
		return s, err
	}
	s.rows = append(s.rows, []string{"the file, with what a debugger needs", "", megabytes(info.Size())})
	return s, nil
}

func costTable(costs map[string]*cost) (rows [][]string) {
	var all []*cost
	for _, c := range costs {
		all = append(all, c)
	}
	slices.SortFunc(all, func(a, b *cost) int { return cmp.Or(-cmp.Compare(a.bytes, b.bytes), cmp.Compare(a.module, b.module)) })
	others := cost{module: fmt.Sprintf("%d others", max(0, len(all)-listed))}
	for i, c := range all {
		if i >= listed {
			others.compile, others.bytes = others.compile+c.compile, others.bytes+c.bytes
			continue
		}
		rows = append(rows, c.row())
	}
	return append(rows, others.row())
}

func (c cost) row() []string {
	return []string{c.module, figure(c.compile.Seconds(), "s"), figure(float64(c.bytes)/(1<<20), "MB")}
}

// moduleOf returns the module of every package in the product; that of Go's own packages is "".
func moduleOf(ctx context.Context) (map[string]string, error) {
	command := exec.CommandContext(ctx, "go", "list", "-deps", "-f", "{{.ImportPath}} {{with .Module}}{{.Path}}{{end}}", "./cmd/resonance")
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("list packages: %w", err)
	}
	modules := map[string]string{"main": "resonance"}
	for line := range strings.Lines(string(out)) {
		pkg, module, _ := strings.Cut(strings.TrimSpace(line), " ")
		modules[pkg] = module
	}
	return modules, nil
}

// addCompiling adds what go build says it took to compile each package.
func addCompiling(graph string, of func(pkg string) *cost) error {
	text, err := os.ReadFile(graph)
	if err != nil {
		return err
	}
	var actions []struct {
		Mode, Package   string
		CmdUser, CmdSys time.Duration
	}
	if err := json.Unmarshal(text, &actions); err != nil {
		return fmt.Errorf("read what go build did: %w", err)
	}
	for _, a := range actions {
		if a.Mode == "build" {
			of(a.Package).compile += a.CmdUser + a.CmdSys
		}
	}
	return nil
}

// addSizes adds the sizes of the symbols of each package that are in the file.
func addSizes(ctx context.Context, binary string, of func(pkg string) *cost) error {
	absent, err := absentFrom(binary)
	if err != nil {
		return err
	}
	out, err := exec.CommandContext(ctx, "go", "tool", "nm", "-size", binary).Output()
	if err != nil {
		return fmt.Errorf("list symbols: %w", err)
	}
	for line := range strings.Lines(string(out)) {
		fields := strings.Fields(line)
		if len(fields) < 4 {
			continue
		}
		at, _ := strconv.ParseUint(fields[0], 16, 64)
		size, _ := strconv.ParseInt(fields[1], 10, 64)
		if !absent(at) {
			of(packageOf(fields[3])).bytes += size
		}
	}
	return nil
}

// absentFrom tells of an address whether it is of memory that is zero at the start, for which a file has no bytes.
func absentFrom(binary string) (func(at uint64) bool, error) {
	file, err := elf.Open(binary)
	if err != nil {
		return nil, fmt.Errorf("read the binary: %w", err)
	}
	return func(at uint64) bool {
		return slices.ContainsFunc(file.Sections, func(s *elf.Section) bool {
			return s.Type == elf.SHT_NOBITS && s.Addr <= at && at < s.Addr+s.Size
		})
	}, file.Close()
}

// packageOf returns the import path that a symbol's name begins with, such as net/http of net/http.(*Server).Serve.
func packageOf(symbol string) string {
	name, _, _ := strings.Cut(symbol, "[") // of what it is instantiated with
	name, _, _ = strings.Cut(name, "(")
	slash := strings.LastIndexByte(name, '/') + 1
	dot := strings.IndexByte(symbol[slash:], '.')
	if dot < 0 {
		return symbol
	}
	return strings.ReplaceAll(symbol[:slash+dot], "%2e", ".")
}

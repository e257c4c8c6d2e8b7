package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// process is a server that this program started.
type process struct {
	command *exec.Cmd
	addr    string // host:port
	log     string // file of what it wrote on its standard error
	began   time.Time
	ended   chan struct{} // closed when it has ended, with err
	err     error
}

var address = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)`)

// launch starts a server that prints its address, and returns once it has.
func (b *bench) launch(ctx context.Context, name string, environ []string, program string, args ...string) (*process, error) {
	command := exec.CommandContext(ctx, program, args...)
	command.Dir = b.work // where there is no .env
	command.Env = append(bare(), environ...)
	out, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	p, err := b.begin(name, command)
	if err != nil {
		return nil, err
	}
	lines := bufio.NewScanner(out)
	for p.addr == "" && lines.Scan() {
		if found := address.FindStringSubmatch(lines.Text()); found != nil && !strings.Contains(lines.Text(), "serves") {
			p.addr = found[1]
		}
	}
	go p.await(out)
	if p.addr == "" {
		return nil, errors.Join(p.failed("did not say where it listens"), p.stop())
	}
	return p, nil
}

// begin starts a command whose standard error goes to a file.
func (b *bench) begin(name string, command *exec.Cmd) (*process, error) {
	log, err := os.CreateTemp(b.work, name+"-*.log")
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }() // the child has its own handle
	command.Stderr = log
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 15 * time.Second
	p := &process{command: command, log: log.Name(), began: time.Now(), ended: make(chan struct{})}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	return p, nil
}

// await reads what else the process prints, and waits for its end.
func (p *process) await(out io.Reader) {
	_, _ = io.Copy(io.Discard, out) // until it ends
	p.err = p.command.Wait()
	close(p.ended)
}

// bare is the environment of this process without settings that a server could read.
func bare() (environ []string) {
	for _, name := range []string{"PATH", "HOME", "TMPDIR", "GOMEMLIMIT", "GOMAXPROCS"} {
		if value, set := os.LookupEnv(name); set {
			environ = append(environ, name+"="+value)
		}
	}
	return environ
}

// stop ends the process and waits for it.
func (p *process) stop() error {
	_ = p.command.Process.Signal(os.Interrupt) // it may have ended
	select {
	case <-p.ended:
	case <-time.After(15 * time.Second):
		_ = p.command.Process.Kill()
		<-p.ended
	}
	if p.err != nil {
		return p.failed("ended with " + p.err.Error())
	}
	return nil
}

// failed says what is wrong with the process, with the end of its log.
func (p *process) failed(what string) error {
	text, _ := os.ReadFile(p.log)
	return fmt.Errorf("%s %s:\n%s", filepath.Base(p.command.Path), what, text[max(0, len(text)-2000):])
}

// under puts a load on the process and adds the processor time it took.
func (p *process) under(ctx context.Context, l load) (result, error) {
	l.addr = p.addr
	before := p.cpu()
	r, err := l.run(ctx)
	r.cpu = p.cpu() - before
	return r, err
}

// fetch returns the answer of the process to GET path.
func (p *process) fetch(ctx context.Context, path string) ([]byte, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+p.addr+path, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(response.Body)
	if err := errors.Join(err, response.Body.Close()); err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("GET %s answers %s: %.300q", path, response.Status, body)
	}
	return body, nil
}

// tick is the unit of processor time in /proc.
const tick = time.Second / 100

// cpu returns the processor time that the process took so far, 0 where there is no /proc.
func (p *process) cpu() time.Duration {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.command.Process.Pid))
	fields := bytes.Fields(stat[bytes.LastIndexByte(stat, ')')+1:])
	if len(fields) < 13 {
		return 0
	}
	user, _ := strconv.ParseInt(string(fields[11]), 10, 64)
	system, _ := strconv.ParseInt(string(fields[12]), 10, 64)
	return time.Duration(user+system) * tick
}

// resident returns the bytes of memory that the process holds, 0 where there is no /proc; anonymous those of them that
// are no file's.
func (p *process) resident() int64  { return p.status("VmRSS:") }
func (p *process) anonymous() int64 { return p.status("RssAnon:") }

func (p *process) status(field string) int64 {
	status, _ := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	_, after, _ := bytes.Cut(status, []byte(field))
	var kilobytes int64
	_, _ = fmt.Sscan(string(after), &kilobytes)
	return kilobytes << 10
}

// freeAddr returns an address that nobody listens on at the moment.
func freeAddr(ctx context.Context) (string, error) {
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

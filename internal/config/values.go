package config

import (
	"bytes"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/rs/zerolog"

	"resonance/internal/caller"
)

// HTTPURL is the base address of an HTTP server, without a slash at its end.
type HTTPURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (u *HTTPURL) UnmarshalText(text []byte) error {
	parsed, err := url.Parse(string(text))
	if err != nil || parsed.Host == "" || parsed.Scheme != "http" && parsed.Scheme != "https" {
		return errors.New("takes an address such as https://api.example.com") // it may hold a password, so it is not quoted
	}
	if parsed.User != nil || parsed.RawQuery != "" || parsed.Fragment != "" {
		return errors.New("takes an address without user, query and fragment, such as https://api.example.com")
	}
	*u = HTTPURL(strings.TrimRight(string(text), "/"))
	return nil
}

// Address is where to listen: a host and a port.
type Address string

// UnmarshalText implements encoding.TextUnmarshaler.
func (a *Address) UnmarshalText(text []byte) error {
	_, port, err := net.SplitHostPort(string(text))
	if _, portErr := strconv.ParseUint(port, 10, 16); err != nil || portErr != nil {
		return fmt.Errorf("%q is not HOST:PORT, such as 127.0.0.1:8000", text)
	}
	*a = Address(text)
	return nil
}

// loopback reports whether only this machine can reach a listener on a.
func (a Address) loopback() bool {
	host, _, _ := net.SplitHostPort(string(a)) // checked when it was read
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// FilePath is the path of a file that is written to; its folder exists.
type FilePath string

// UnmarshalText implements encoding.TextUnmarshaler.
func (p *FilePath) UnmarshalText(text []byte) error {
	path := string(text)
	if strings.ContainsFunc(path, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("holds a line break or another control character")
	}
	if info, err := os.Stat(filepath.Dir(path)); err != nil || !info.IsDir() {
		return fmt.Errorf("%q is not the path of a file in a folder that exists", path)
	}
	if info, err := os.Stat(path); err == nil && info.IsDir() || strings.HasSuffix(path, string(filepath.Separator)) {
		return fmt.Errorf("%q is a folder, not a file to append to", path)
	}
	*p = FilePath(path)
	return nil
}

// Secret is a value that never shows in logs or errors.
type Secret string

// UnmarshalText implements encoding.TextUnmarshaler: a secret travels in a header, which takes
// printable characters only.
func (s *Secret) UnmarshalText(text []byte) error {
	if bytes.ContainsFunc(text, func(r rune) bool { return r < ' ' || r == 0x7f }) {
		return errors.New("holds a line break or another control character")
	}
	*s = Secret(text)
	return nil
}

// String implements fmt.Stringer without telling the secret.
func (s Secret) String() string {
	if s == "" {
		return ""
	}
	return "(secret)"
}

// CursorKey is a secret that others must not guess.
type CursorKey string

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *CursorKey) UnmarshalText(text []byte) error {
	const least = 32
	if len(text) < least {
		return fmt.Errorf("is shorter than %d characters; take some that nobody can guess, such as openssl rand -hex 32 prints", least)
	}
	*k = CursorKey(text)
	return nil
}

// String implements fmt.Stringer without telling the key.
func (k CursorKey) String() string { return Secret(k).String() }

// APIKeys are the keys that callers must have; none: no key is asked for.
type APIKeys struct{ caller.Keyring }

// UnmarshalText implements encoding.TextUnmarshaler.
func (k *APIKeys) UnmarshalText(text []byte) (err error) {
	k.Keyring, err = caller.ParseKeyring(string(text))
	return err
}

// Interval is how long to wait between two runs; 0 is never again.
type Interval time.Duration

// UnmarshalText implements encoding.TextUnmarshaler.
func (i *Interval) UnmarshalText(text []byte) error {
	d, err := time.ParseDuration(string(text))
	if err != nil || d != 0 && d < time.Second {
		return fmt.Errorf("%q is not a duration of at least 1s, such as 30s, 5m or 1h30m, or 0 for one sync at the start", text)
	}
	*i = Interval(d)
	return nil
}

// Rate is a number of requests a minute; 0 is any number.
type Rate int

// UnmarshalText implements encoding.TextUnmarshaler.
func (r *Rate) UnmarshalText(text []byte) error {
	rate, err := strconv.ParseUint(string(text), 10, 31)
	if err != nil {
		return fmt.Errorf("%q is not a number of requests a minute, such as 6000, or 0 for no limit", text)
	}
	*r = Rate(rate)
	return nil
}

// Switch is on or off.
type Switch bool

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *Switch) UnmarshalText(text []byte) error {
	switch strings.ToLower(string(text)) {
	case "on", "true", "1":
		*s = true
	case "off", "false", "0":
		*s = false
	default:
		return fmt.Errorf("%q is neither on nor off", text)
	}
	return nil
}

// Origins lists the web origins whose pages may call the API.
type Origins []string

// UnmarshalText implements encoding.TextUnmarshaler.
func (o *Origins) UnmarshalText(text []byte) error {
	*o = nil
	for origin := range strings.SplitSeq(string(text), ",") {
		origin = strings.TrimSpace(origin)
		parsed, err := url.Parse(origin)
		if origin != "*" && (err != nil || parsed.Scheme == "" || parsed.Host == "" || parsed.Path != "") {
			return fmt.Errorf("%q is not an origin such as https://app.example.com, or *; several are separated by commas", origin)
		}
		*o = append(*o, origin)
	}
	return nil
}

// DatabaseURL is the path of a SQLite file.
type DatabaseURL string

// UnmarshalText implements encoding.TextUnmarshaler.
func (d *DatabaseURL) UnmarshalText(text []byte) error {
	scheme, path, found := strings.Cut(string(text), ":")
	switch {
	case scheme == "postgres" || scheme == "postgresql":
		return errors.New("postgres is not supported by this version; use sqlite:PATH")
	case !found || scheme != "sqlite" || path == "":
		return fmt.Errorf("%q is not sqlite:PATH, such as sqlite:data/resonance.db", scheme)
	}
	*d = DatabaseURL(strings.TrimPrefix(path, "//"))
	return nil
}

// Path returns the path of the file.
func (d DatabaseURL) Path() string { return string(d) }

// LogLevel is the least severe level that is logged.
type LogLevel zerolog.Level

// UnmarshalText implements encoding.TextUnmarshaler.
func (l *LogLevel) UnmarshalText(text []byte) error {
	level, err := zerolog.ParseLevel(strings.ToLower(string(text)))
	if err != nil || level < zerolog.TraceLevel || level > zerolog.ErrorLevel {
		return fmt.Errorf("%q is not one of trace, debug, info, warn, error", text)
	}
	*l = LogLevel(level)
	return nil
}

// LogFormat is json or console.
type LogFormat string

// UnmarshalText implements encoding.TextUnmarshaler.
func (f *LogFormat) UnmarshalText(text []byte) error {
	switch LogFormat(text) {
	case "json", "console":
		*f = LogFormat(text)
		return nil
	}
	return fmt.Errorf("%q is neither json nor console", text)
}

// Unsupported is a setting that a later version knows: it stops the start rather than being
// ignored.
type Unsupported struct{}

// UnmarshalText implements encoding.TextUnmarshaler.
func (*Unsupported) UnmarshalText([]byte) error { return errors.New("not supported by this version") }

package config

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"resonance/internal/errs"
)

func TestDefaults(t *testing.T) {
	c, err := Load([]string{"HOME=/root", "EDITOR=vi"}, filepath.Join(t.TempDir(), ".env"))
	if err != nil {
		t.Fatal(err)
	}
	if c.ListenAddr != "127.0.0.1:8000" || c.DatabaseURL.Path() != "data/resonance.db" || time.Duration(c.SyncInterval) != 5*time.Minute {
		t.Errorf("defaults are %+v", c)
	}
	if !c.Auth || !c.Introspect || c.APIBaseURL != "" {
		t.Errorf("defaults are %+v", c)
	}
}

func TestProcessEnvironmentWins(t *testing.T) {
	dotenv := filepath.Join(t.TempDir(), ".env")
	lines := "API_BASE_URL=https://file.example.com/\nFLIC_TOKEN='from file'\nOTHER=1\nLOG_LEVEL=debug\n"
	if err := os.WriteFile(dotenv, []byte(lines), 0o600); err != nil {
		t.Fatal(err)
	}
	c, err := Load([]string{"FLIC_TOKEN=from process", "LOG_LEVEL="}, dotenv)
	if err != nil {
		t.Fatal(err)
	}
	if c.APIBaseURL != "https://file.example.com" {
		t.Errorf("API_BASE_URL = %q, want the file's without its slash", c.APIBaseURL)
	}
	if string(c.FlicToken) != "from process" {
		t.Errorf("FLIC_TOKEN comes from the file, want the process environment's")
	}
	if strings.Contains(c.FlicToken.String(), "process") {
		t.Errorf("a secret shows itself: %s", c.FlicToken)
	}
}

func TestMalformedValuesAreNamed(t *testing.T) {
	for _, test := range []struct{ variable, names string }{
		{"SYNC_INTERVAL=often", "SYNC_INTERVAL: \"often\" is not a duration"},
		{"SYNC_INTERVAL=5", "SYNC_INTERVAL"},
		{"API_BASE_URL=api.example.com", "API_BASE_URL"},
		{"DATABASE_URL=postgres://db/resonance", "DATABASE_URL: postgres is not supported by this version"},
		{"DATABASE_URL=mysql:x", "DATABASE_URL: \"mysql\" is not sqlite:PATH"},
		{"WEAVIATE_URL=http://localhost:8080", "WEAVIATE_URL: not supported by this version"},
		{"API_KEYS=hunter2:read", "API_KEYS: key 1: is not sha256hex:scopes"},
		{"LOG_LEVEL=loud", "LOG_LEVEL"},
		{"LOG_FORMAT=xml", "LOG_FORMAT"},
		{"FEED_LOG=no/such/folder/feeds.jsonl", "FEED_LOG: \"no/such/folder/feeds.jsonl\" is not the path of a file in a folder that exists"},
		{"FEED_LOG=/", "FEED_LOG: \"/\" is a folder"},
		{"FEED_LOG=feeds\n", "FEED_LOG: holds a line break"},
		{"FLIC_TOKEN=a\nb", "FLIC_TOKEN: holds a line break"},
		{"API_BASE_URL=https://me:hunter2@ho st/", "API_BASE_URL: takes an address"},
		{"RATE_LIMIT=-1", "RATE_LIMIT: \"-1\" is not a number of requests a minute"},
		{"CURSOR_KEY=0123456789012345678901234567890", "CURSOR_KEY: is shorter than 32 characters"},
		{"RATE_LIMIT=1/s", "RATE_LIMIT"},
		{"AUTH=maybe", "AUTH: \"maybe\" is neither on nor off"},
		{"CORS_ORIGINS=https://a.example.com,b", "CORS_ORIGINS: \"b\" is not an origin"},
		{"LISTEN_ADDR=0.0.0.0:8000", "LISTEN_ADDR: 0.0.0.0:8000 can be reached from other machines"},
		{"LISTEN_ADDR=:8000", "LISTEN_ADDR"},
		{"LISTEN_ADDR=8000", "LISTEN_ADDR: \"8000\" is not HOST:PORT"},
		{"LISTEN_ADDR=127.0.0.1:http2", "LISTEN_ADDR"},
		{"API_BASE_URL=https://api.example.com", "FLIC_TOKEN: is missing"},
		{"EMBEDDING_URL=http://localhost:1", "EMBEDDING_MODEL: is missing"},
	} {
		t.Run(test.variable, func(t *testing.T) {
			_, err := Load([]string{test.variable}, filepath.Join(t.TempDir(), ".env"))
			if !errors.Is(err, errs.Invalid) || !strings.Contains(err.Error(), test.names) {
				t.Errorf("error is %v, want one that says %q", err, test.names)
			}
		})
	}
}

func TestEveryMalformedValueIsReported(t *testing.T) {
	_, err := Load([]string{"AUTH=x", "LOG_LEVEL=y"}, filepath.Join(t.TempDir(), ".env"))
	if err == nil || !strings.Contains(err.Error(), "AUTH") || !strings.Contains(err.Error(), "LOG_LEVEL") {
		t.Errorf("error is %v, want both variables named", err)
	}
}

// A file that can't be read is not quoted: what is wrong may be a secret.
func TestBrokenFileIsNotQuoted(t *testing.T) {
	for _, text := range []string{"API-BASE-URL=x\nFLIC_TOKEN=hunter2\n", "FLIC_TOKEN='hunter2\n", "FLIC_TOKEN hunter2\n"} {
		dotenv := filepath.Join(t.TempDir(), ".env")
		if err := os.WriteFile(dotenv, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Load(nil, dotenv); err != nil && strings.Contains(err.Error(), "hunter2") {
			t.Errorf("the error tells a secret: %v", err)
		}
	}
}

func TestWhereItMayListen(t *testing.T) {
	keys := "API_KEYS=" + strings.Repeat("0a", 32) + ":read"
	for _, test := range []struct {
		environ []string
		refuses string // the variable that is named
	}{
		{[]string{"LISTEN_ADDR=0.0.0.0:8000"}, "LISTEN_ADDR"},
		{[]string{"LISTEN_ADDR=[::]:8000"}, "LISTEN_ADDR"},
		{[]string{"LISTEN_ADDR=localhost:8000"}, ""},
		{[]string{"LISTEN_ADDR=[::1]:8000"}, ""},
		{[]string{"LISTEN_ADDR=0.0.0.0:8000", "AUTH=off"}, ""},
		{[]string{"LISTEN_ADDR=0.0.0.0:8000", keys}, ""},
		{[]string{"AUTH=off", keys}, "AUTH"},
	} {
		_, err := Load(test.environ, filepath.Join(t.TempDir(), ".env"))
		if (test.refuses == "") != (err == nil) || err != nil && !strings.Contains(err.Error(), test.refuses) {
			t.Errorf("%v: error is %v, want %q named", test.environ, err, test.refuses)
		}
	}
}

// Package config reads the settings of resonance from its environment and from a .env file.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"reflect"
	"strings"

	"github.com/caarlos0/env/v11"
	"github.com/joho/godotenv"

	"resonance/internal/errs"
)

// Config is every setting. The tag env is the variable's name; a variable that is absent or
// empty takes envDefault.
type Config struct {
	APIBaseURL   HTTPURL  `env:"API_BASE_URL"`        // upstream; empty: the built-in demo catalogue
	FlicToken    Secret   `env:"FLIC_TOKEN"`          // upstream's token
	Algorithm    Secret   `env:"RESONANCE_ALGORITHM"` // upstream's secret that adds users to interactions
	SyncInterval Interval `env:"SYNC_INTERVAL" envDefault:"5m"`

	ListenAddr  Address     `env:"LISTEN_ADDR" envDefault:"127.0.0.1:8000"`
	Auth        Switch      `env:"AUTH" envDefault:"on"` // off: answer anyone, on any address
	APIKeys     APIKeys     `env:"API_KEYS"`
	CORSOrigins Origins     `env:"CORS_ORIGINS"`
	RateLimit   Rate        `env:"RATE_LIMIT" envDefault:"60000"` // a minute, of one key or address
	Introspect  Switch      `env:"INTROSPECTION" envDefault:"on"`
	Trusted     string      `env:"TRUSTED_DOCUMENTS"` // folder of the only documents that may be run; empty: any
	DatabaseURL DatabaseURL `env:"DATABASE_URL" envDefault:"sqlite:data/resonance.db"`
	LogLevel    LogLevel    `env:"LOG_LEVEL" envDefault:"info"`
	LogFormat   LogFormat   `env:"LOG_FORMAT"` // default: console on a terminal, json elsewhere
	FeedLog     FilePath    `env:"FEED_LOG"`   // where served feeds are recorded; empty: nowhere

	EmbeddingURL   HTTPURL `env:"EMBEDDING_URL"` // empty: the built-in model
	EmbeddingModel string  `env:"EMBEDDING_MODEL"`
	EmbeddingKey   Secret  `env:"EMBEDDING_KEY"`

	CursorKey   CursorKey   `env:"CURSOR_KEY"` // signs cursors; empty: made once and kept in the store
	WeaviateURL Unsupported `env:"WEAVIATE_URL"`
}

// Load reads the settings from the process environment, given as "NAME=value" lines, and from
// the file at dotenv where the environment says nothing; the file may be absent. An error wraps
// errs.Invalid and names every variable that is wrong, with what it accepts.
func Load(environ []string, dotenv string) (Config, error) {
	variables, err := godotenv.Read(dotenv)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		// What is wrong is not quoted: it may be a secret.
		return Config{}, fmt.Errorf("%w: %s: can't be read as lines of NAME=value", errs.Invalid, dotenv)
	}
	if variables == nil {
		variables = map[string]string{}
	}
	for _, line := range environ {
		name, value, _ := strings.Cut(line, "=")
		variables[name] = value
	}
	maps.DeleteFunc(variables, func(_, value string) bool { return strings.TrimSpace(value) == "" })
	var c Config
	if err := env.ParseWithOptions(&c, env.Options{Environment: variables}); err != nil {
		return Config{}, describe(err)
	}
	return c, c.check()
}

// check reports settings that are wrong together.
func (c Config) check() error {
	switch {
	case c.APIBaseURL != "" && c.FlicToken == "":
		return fmt.Errorf("%w: FLIC_TOKEN: is missing; API_BASE_URL is set, and upstream asks for a token", errs.Invalid)
	case c.EmbeddingURL != "" && c.EmbeddingModel == "":
		return fmt.Errorf("%w: EMBEDDING_MODEL: is missing; EMBEDDING_URL is set, and its server asks which model to use", errs.Invalid)
	case bool(c.Auth) && !c.APIKeys.Asks() && !c.ListenAddr.loopback():
		return fmt.Errorf("%w: LISTEN_ADDR: %s can be reached from other machines and there are no API_KEYS; "+
			"make one with resonance key new, listen on 127.0.0.1, or set AUTH=off if anyone may read and change everything", errs.Invalid, c.ListenAddr)
	case !bool(c.Auth) && c.APIKeys.Asks():
		return fmt.Errorf("%w: AUTH: is off and API_KEYS is set; with AUTH=off no key would be asked for", errs.Invalid)
	}
	return nil
}

// describe turns the parser's errors into lines that name variables, not fields.
func describe(err error) error {
	var all env.AggregateError
	if !errors.As(err, &all) {
		return fmt.Errorf("%w: %w", errs.Invalid, err)
	}
	lines := make([]error, 0, len(all.Errors))
	for _, one := range all.Errors {
		var parse env.ParseError
		if !errors.As(one, &parse) {
			lines = append(lines, one)
			continue
		}
		name := parse.Name
		if field, ok := reflect.TypeFor[Config]().FieldByName(parse.Name); ok {
			name, _, _ = strings.Cut(field.Tag.Get("env"), ",")
		}
		lines = append(lines, fmt.Errorf("%s: %w", name, parse.Err))
	}
	return fmt.Errorf("%w: %w", errs.Invalid, errors.Join(lines...))
}

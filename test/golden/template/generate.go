// Runs every case of cases.jsonl through the real text/template and writes golden.jsonl beside it. Run by hand, here:
//
//	go run generate.go
//
// Data are decoded as Vault's Go client does (numbers as json.Number), and the functions are those of the Go dotvault,
// plus Go's nearest relative of the ones that are ours. Each case says how ours must compare: "same", or "different"
// with the reason and what ours gives instead. The first line of a file holds what is common to all cases.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"strings"
	"text/template"
)

type result struct {
	Output *string `json:"output,omitempty"`
	Error  *string `json:"error,omitempty"`
}

type testCase struct {
	Name     string          `json:"name"`
	Template string          `json:"template"`
	Data     json.RawMessage `json:"data,omitempty"`
	Verdict  string          `json:"verdict"`
	Why      string          `json:"why,omitempty"`
	Go       *result         `json:"go,omitempty"`
	Ours     *result         `json:"ours,omitempty"`
}

type header struct {
	GoVersion string          `json:"goVersion"`
	Generator string          `json:"generatorSha256"`
	CasesHash string          `json:"casesSha256"`
	Data      json.RawMessage `json:"data"`
}

var environment = map[string]string{"HOME": "/home/alice", "EMPTY": ""}

var functions = template.FuncMap{
	"env":          func(key string) string { return environment[key] },
	"username":     func() string { return "alice" },
	"base64encode": func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
	"base64decode": func(s string) (string, error) {
		b, err := base64.StdEncoding.DecodeString(s)
		if err != nil {
			return "", fmt.Errorf("base64decode: %w", err)
		}
		return string(b), nil
	},
	"default": func(fallback string, value any) string {
		if value == nil {
			return fallback
		}
		s := fmt.Sprintf("%v", value)
		if s == "" || s == "<no value>" {
			return fallback
		}
		return s
	},
	"quote": func(s string) string { return "'" + strings.ReplaceAll(s, "'", `'"'"'`) + "'" },

	"b64url":  func(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) },
	"fail":    func(message string) (string, error) { return "", errors.New(message) },
	"lower":   strings.ToLower,
	"upper":   strings.ToUpper,
	"trim":    strings.TrimSpace,
	"replace": func(old, by, s string) string { return strings.ReplaceAll(s, old, by) },
	"required": func(message string, value any) (any, error) {
		if value == nil || value == "" {
			return nil, errors.New(message)
		}
		return value, nil
	},
	"toJson": func(value any) (string, error) {
		var b bytes.Buffer
		encoder := json.NewEncoder(&b)
		encoder.SetEscapeHTML(false)
		err := encoder.Encode(value)
		return strings.TrimSuffix(b.String(), "\n"), err
	},
}

func render(source string, raw json.RawMessage) result {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var data any
	must(decoder.Decode(&data))
	var out bytes.Buffer
	t, err := template.New("t").Funcs(functions).Parse(source)
	if err == nil {
		err = t.Execute(&out, data)
	}
	if err != nil {
		text := err.Error()
		return result{Error: &text}
	}
	text := out.String()
	return result{Output: &text}
}

func must(err error) {
	if err != nil {
		panic(err)
	}
}

func read(path string) ([]byte, string) {
	content, err := os.ReadFile(path)
	must(err)
	sum := sha256.Sum256(content)
	return content, hex.EncodeToString(sum[:])
}

func main() {
	_, generatorHash := read("generate.go")
	content, casesHash := read("cases.jsonl")
	decoder := json.NewDecoder(bytes.NewReader(content))
	common := header{GoVersion: runtime.Version(), Generator: generatorHash, CasesHash: casesHash}
	must(decoder.Decode(&common))
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	must(encoder.Encode(common))
	for decoder.More() {
		var one testCase
		must(decoder.Decode(&one))
		data := one.Data
		if data == nil {
			data = common.Data
		}
		found := render(one.Template, data)
		one.Go = &found
		must(encoder.Encode(one))
	}
	must(os.WriteFile("golden.jsonl", out.Bytes(), 0o644))
}

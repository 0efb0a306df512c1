package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
)

// paper is what the demo writes on: short lines, in colour only on a terminal.
type paper struct {
	out     io.Writer
	colours bool
	steps   int
}

func newPaper(out *os.File) *paper {
	entry, err := out.Stat()
	terminal := err == nil && entry.Mode()&os.ModeCharDevice != 0
	return &paper{out: out, colours: terminal && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"}
}

const (
	bold  = "1"
	dim   = "2"
	red   = "31"
	green = "32"
	cyan  = "36"
)

func (p *paper) paint(colour, text string) string {
	if !p.colours || text == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

func (p *paper) line(format string, args ...any) {
	// A reader that went away is no reason to stop; the exit code still tells.
	_, _ = fmt.Fprintf(p.out, format+"\n", args...)
}

// step begins a chapter: its title, and why it is told.
func (p *paper) step(title string, why ...string) {
	p.steps++
	p.line("")
	p.line("%s", p.paint(bold, fmt.Sprintf("%2d  %s", p.steps, title)))
	for _, sentence := range why {
		p.line("    %s", sentence)
	}
}

// command shows what a person would have typed.
func (p *paper) command(text string) { p.line("    %s", p.paint(cyan, "$ "+text)) }

// quote shows what a program printed.
func (p *paper) quote(text string) {
	for line := range strings.Lines(strings.TrimRight(text, "\n")) {
		p.line("      %s", p.paint(dim, strings.TrimRight(line, "\n")))
	}
}

// at tells what was observed, and how long after the beginning of the step's command.
func (p *paper) at(since time.Duration, format string, args ...any) {
	p.line("    %s  %s", p.paint(dim, fmt.Sprintf("+%6.2f s", since.Seconds())), fmt.Sprintf(format, args...))
}

// seen tells of an assertion that held.
func (p *paper) seen(format string, args ...any) {
	p.line("    %s %s", p.paint(green, "ok"), fmt.Sprintf(format, args...))
}

// chapter is a row of the table at the end.
type chapter struct {
	title, outcome string
	took           time.Duration
	from           string
}

func (p *paper) table(chapters []chapter) {
	p.line("")
	table := tabwriter.NewWriter(p.out, 0, 0, 3, ' ', 0)
	_, _ = fmt.Fprintln(table, "    What happened\tand what was seen\ttook\tfrom")
	for _, c := range chapters {
		_, _ = fmt.Fprintf(table, "    %s\t%s\t%6.2f s\t%s\n", c.title, c.outcome, c.took.Seconds(), c.from)
	}
	_ = table.Flush()
}

// failure tells what was awaited and what was there instead, and what Fairlead itself says.
func (p *paper) failure(err error, evidence []exhibit) {
	p.line("")
	p.line("%s %v", p.paint(red, "FAILED"), err)
	for _, e := range evidence {
		p.line("")
		p.line("%s", p.paint(bold, e.title))
		p.quote(e.text)
	}
}

// exhibit is a piece of evidence for a failure.
type exhibit struct{ title, text string }

func (p *paper) lookAround(s *stage, url string) {
	p.line("")
	p.line("%s", p.paint(bold, "Everything is still running. Look around:"))
	p.line("    export KUBECONFIG=%s", shellQuote(s.kubeconfig()))
	p.line("    export PATH=%s:\"$PATH\"", shellQuote(filepath.Join(s.home, "testbed", "bin")))
	p.line("    kubectl get gitsync -n %s", systemNamespace)
	p.line("    kubectl describe gitsync -n %s %s", systemNamespace, syncName)
	p.line("    kubectl get all -n %s", siteNamespace)
	if url != "" {
		p.line("    git clone %s        # change something, commit, git push: it is looked at every second", url)
	}
	if s.address != "" {
		p.line("    curl http://%s/metrics", s.address)
	}
	p.line("    less +F %s", shellQuote(s.operatorLog()))
	p.line("To stop it:")
	p.line("    %s stop %s", shellQuote(filepath.Join(s.home, "testbed", "demo")), shellQuote(s.dir))
}

func shellQuote(text string) string {
	if text != "" && !strings.ContainsFunc(text, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:@", r)
	}) {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}

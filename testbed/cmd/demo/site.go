package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
)

const author = "Fairlead Demo"

// site is the working copy of the person who tells the story: a repository with examples/portfolio in it, worked on by the real git.
type site struct {
	stage *stage
	dir   string
	url   string
}

// newSite makes the bare repository on the Git server and clones it.
func newSite(s *stage) (*site, error) {
	w := &site{stage: s, dir: filepath.Join(s.dir, "work", "portfolio"), url: s.gitURL + "/portfolio.git"}
	if _, err := w.run(s.dir, "init", "--quiet", "--bare", "--initial-branch=main", filepath.Join(s.dir, "git", "portfolio.git")); err != nil {
		return w, err
	}
	if _, err := w.run(s.dir, "init", "--quiet", "--initial-branch=main", w.dir); err != nil {
		return w, err
	}
	_, err := w.git("remote", "add", "origin", w.url)
	return w, err
}

func (w *site) git(args ...string) (string, error) { return w.run(w.dir, args...) }

func (w *site) run(dir string, args ...string) (string, error) {
	return output(w.stage, dir, "git",
		append([]string{"-c", "user.name=" + author, "-c", "user.email=demo@example.org", "-c", "advice.detachedHead=false"}, args...)...)
}

// output runs a program to its end, without standard input.
func output(s *stage, dir, program string, args ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Dir, cmd.Env, cmd.SysProcAttr = dir, s.private(), attributes(true)
	text, err := cmd.CombinedOutput()
	if err != nil {
		return string(text), fmt.Errorf("%s %s: %w\n%s", filepath.Base(program), strings.Join(args, " "), err, text)
	}
	return string(text), nil
}

// head is the hash of the newest commit.
func (w *site) head() (string, error) {
	hash, err := w.git("rev-parse", "HEAD")
	return strings.TrimSpace(hash), err
}

// copyExample puts a checkout's examples/portfolio/deploy into the working copy.
func (w *site) copyExample() error {
	return os.CopyFS(filepath.Join(w.dir, "deploy"), os.DirFS(filepath.Join(w.stage.home, "examples", "portfolio", "deploy")))
}

// moveTag runs the line by which CI deploys, as the example's README gives it.
func (w *site) moveTag() (string, error) {
	readme, err := os.ReadFile(filepath.Join(w.stage.home, "examples", "portfolio", "README.md"))
	if err != nil {
		return "", err
	}
	line := regexp.MustCompile(`(?m)^sed -i .*$`).Find(readme)
	if line == nil {
		return "", fmt.Errorf("examples/portfolio/README.md has no line that begins with sed -i")
	}
	_, err = output(w.stage, w.dir, "bash", "-euc", string(line))
	return string(line), err
}

func (w *site) write(file, content string) error {
	path := filepath.Join(w.dir, file)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	return os.WriteFile(path, []byte(content), 0o644)
}

// edit replaces a text that a file has exactly once.
func (w *site) edit(file, from, to string) error {
	content, err := os.ReadFile(filepath.Join(w.dir, file))
	if err != nil {
		return err
	}
	if strings.Count(string(content), from) != 1 {
		return fmt.Errorf("%s has %q %d times, not once", file, from, strings.Count(string(content), from))
	}
	return w.write(file, strings.Replace(string(content), from, to, 1))
}

// line is the number of the one line of a file that contains a text.
func (w *site) line(file, text string) (int, error) {
	content, err := os.ReadFile(filepath.Join(w.dir, file))
	if err != nil {
		return 0, err
	}
	found := 0
	for i, line := range strings.Split(string(content), "\n") {
		if strings.Contains(line, text) {
			if found > 0 {
				return 0, fmt.Errorf("%s has %q in more than one line", file, text)
			}
			found = i + 1
		}
	}
	if found == 0 {
		return 0, fmt.Errorf("%s has no line with %q", file, text)
	}
	return found, nil
}

// commit takes everything that was changed.
func (w *site) commit(message string) error {
	if _, err := w.git("add", "--all"); err != nil {
		return err
	}
	_, err := w.git("commit", "--quiet", "-m", message)
	return err
}

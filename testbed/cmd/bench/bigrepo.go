package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// recipe describes a repository that is too large to be made for each run. The same recipe gives the same commits anywhere.
type recipe struct {
	name    string // changes whenever what write does changes
	files   int    // of about 600 bytes, in directories of a hundred below src, none of them a manifest
	commits int    // after the first; each changes three files and replaces one of 1 MiB that nothing compresses
}

var (
	bigRecipe   = recipe{name: "big-1", files: 20_000, commits: 1_000}
	smallRecipe = recipe{name: "small-1", files: 5_000}
)

const (
	assetBytes = 1 << 20
	// today is rewritten so often that a history of a few commits explains each of its lines.
	today      = "notes/today.txt"
	todayEvery = 8
	// untouched is as old as the repository.
	untouched = "src/000/file-00.txt"
)

// template gives the path of the bare repository that the recipe describes, out of the user's cache.
func (r recipe) template(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "fairlead", "bench", r.name+".git")
	if _, err := os.Stat(dir); err == nil {
		return dir, nil
	}
	log.Printf("making %d files and %d commits, once", r.files, r.commits+1)
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return "", err
	}
	work, err := os.MkdirTemp(filepath.Dir(dir), r.name+"-*.tmp")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	repo, err := newRepository(ctx, filepath.Join(work, "repo.git"))
	if err != nil {
		return "", err
	}
	command := exec.CommandContext(ctx, "git", "--git-dir="+repo.dir, "-c", "core.compression=1", "fast-import", "--quiet")
	stream, err := command.StdinPipe()
	if err != nil {
		return "", err
	}
	var problem bytes.Buffer
	command.Stderr = &problem
	if err := command.Start(); err != nil {
		return "", err
	}
	out := bufio.NewWriterSize(stream, 1<<20)
	r.write(out)
	failure := out.Flush()
	_ = stream.Close()
	if err := command.Wait(); err != nil {
		return "", fmt.Errorf("git fast-import: %w: %s", err, problem.Bytes())
	}
	if failure != nil {
		return "", failure
	}
	// As a Git host has it: one pack, with the bitmap that makes answering cheap.
	if err := git(ctx, repo.dir, "repack", "-a", "-d", "-b", "-q"); err != nil {
		return "", err
	}
	if err := os.Rename(repo.dir, dir); err != nil && !os.IsExist(err) {
		return "", err
	}
	return dir, nil
}

// write gives the whole history as git fast-import takes it. Errors stay in the writer.
func (r recipe) write(out *bufio.Writer) {
	random := rand.NewChaCha8([32]byte([]byte(fmt.Sprintf("%-32s", r.name))))
	words := rand.New(random)
	asset := make([]byte, assetBytes)
	begin := func(number int) {
		message := fmt.Sprintf("Change number %d", number)
		fmt.Fprintf(out, "commit refs/heads/main\ncommitter Fairlead Tests <tests@example.org> %d +0000\ndata %d\n%s\n",
			time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Unix()+int64(number)*600, len(message), message)
	}
	file := func(path string, content []byte) {
		fmt.Fprintf(out, "M 100644 inline %s\ndata %d\n", path, len(content))
		_, _ = out.Write(content)
		_ = out.WriteByte('\n')
	}
	begin(0)
	for i := range r.files {
		file(sourcePath(i), prose(words))
	}
	file(today, prose(words))
	for number := 1; number <= r.commits; number++ {
		_ = out.WriteByte('\n')
		begin(number)
		for range 3 {
			// Never the first directory, which holds what is not touched.
			file(sourcePath(100+words.IntN(r.files-100)), prose(words))
		}
		if number%todayEvery == 0 {
			file(today, prose(words))
		}
		_, _ = random.Read(asset)
		file("assets/model.bin", asset)
	}
	_ = out.WriteByte('\n')
}

func sourcePath(i int) string { return fmt.Sprintf("src/%03d/file-%02d.txt", i/100, i%100) }

// prose is ten lines of a size and of an entropy that sources have.
func prose(words *rand.Rand) []byte {
	var text bytes.Buffer
	for range 10 {
		for range 8 {
			fmt.Fprintf(&text, "word%d ", words.IntN(5_000))
		}
		text.WriteByte('\n')
	}
	return text.Bytes()
}

// instance is a repository in dir that begins with the recipe's commits, borrows their objects, and goes on by itself.
func (r recipe) instance(ctx context.Context, dir string) (*repository, error) {
	template, err := r.template(ctx)
	if err != nil {
		return nil, err
	}
	repo, err := newRepository(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(dir, "objects/info/alternates"), []byte(filepath.Join(template, "objects")+"\n"), 0o644); err != nil {
		return nil, err
	}
	head, err := exec.CommandContext(ctx, "git", "--git-dir="+template, "rev-parse", "main").Output()
	if err != nil {
		return nil, err
	}
	repo.head = strings.TrimSpace(string(head))
	return repo, git(ctx, dir, "update-ref", "refs/heads/main", repo.head)
}

// git runs the original in a bare repository.
func git(ctx context.Context, dir string, arguments ...string) error {
	command := exec.CommandContext(ctx, "git", append([]string{"--git-dir=" + dir}, arguments...)...)
	command.Stdout = io.Discard
	var problem bytes.Buffer
	command.Stderr = &problem
	if err := command.Run(); err != nil {
		return fmt.Errorf("git %s: %w: %s", arguments[0], err, problem.Bytes())
	}
	return nil
}

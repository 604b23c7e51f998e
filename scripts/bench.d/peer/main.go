// Does with the library what the reference ltx command has no subcommand for, for scripts/bench and
// the interop tests.
//
//	peer compact OUT IN...   merges LTX files
//	peer encode OUT DB       a snapshot of a database (encode-db of v0.5.2 fails: "invalid version")
//
// Reads and writes are buffered, and the output is synced, as the reference command does.
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"

	"github.com/superfly/ltx"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "peer:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) < 3 || (args[0] != "compact" && args[0] != "encode") {
		return fmt.Errorf("usage: peer compact OUT IN... | encode OUT DB")
	}
	out, err := os.Create(args[1])
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, 1<<16)
	if args[0] == "compact" {
		err = compact(w, args[2:])
	} else {
		err = encode(w, args[2])
	}
	if err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := out.Sync(); err != nil {
		return err
	}
	return out.Close()
}

func compact(w io.Writer, paths []string) error {
	var inputs []io.Reader
	for _, path := range paths {
		f, err := os.Open(path)
		if err != nil {
			return err
		}
		defer f.Close()
		inputs = append(inputs, bufio.NewReaderSize(f, 1<<16))
	}
	c, err := ltx.NewCompactor(w, inputs)
	if err != nil {
		return err
	}
	return c.Compact(context.Background())
}

func encode(w io.Writer, path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	r := bufio.NewReaderSize(f, 1<<16)
	head, err := r.Peek(100)
	if err != nil {
		return err
	}
	pageSize := uint32(binary.BigEndian.Uint16(head[16:]))
	if pageSize == 1 {
		pageSize = 65536
	}
	commit := binary.BigEndian.Uint32(head[28:])
	enc, err := ltx.NewEncoder(w)
	if err != nil {
		return err
	}
	if err := enc.EncodeHeader(ltx.Header{
		Version: ltx.Version, PageSize: pageSize, Commit: commit, MinTXID: 1, MaxTXID: 1,
		Timestamp: 1700000000000,
	}); err != nil {
		return err
	}
	var post ltx.Checksum
	page := make([]byte, pageSize)
	for pgno := uint32(1); pgno <= commit; pgno++ {
		if _, err := io.ReadFull(r, page); err != nil {
			return err
		}
		if pgno == ltx.LockPgno(pageSize) {
			continue
		}
		if err := enc.EncodePage(ltx.PageHeader{Pgno: pgno}, page); err != nil {
			return err
		}
		post = ltx.ChecksumFlag | (post ^ ltx.ChecksumPage(pgno, page))
	}
	enc.SetPostApplyChecksum(post)
	return enc.Close()
}

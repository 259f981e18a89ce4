<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use Closure;

/**
 * An archive with Bun: a zip as Bun's releases have it, or a tar.gz as npm has it. The format is read from the first bytes, since a mirror may name its files as it likes.
 */
final readonly class Archive
{
    /** What may be in an archive beside Bun: texts of a few kilobytes, and what describes the entries. */
    private const LIMIT_BYTES = 16 * 1024 * 1024;

    private const ZIP = "PK\x03\x04";

    private const GZIP = "\x1f\x8b";

    /** Bytes by which a web page is recognised. */
    private const START_BYTES = 256;

    /**
     * @param  list<int>  $sizes  bytes that the executable may have
     * @param  string  $wanted  what it is, for errors
     * @param  int  $limit  bytes beside it, of the archive and of what is in it
     */
    public function __construct(
        private array $sizes,
        private string $wanted,
        private int $limit = self::LIMIT_BYTES,
    ) {}

    /**
     * @param  Closure(string): void  $write  gets the bytes of the executable. It is the right one only if its hash is, which is not checked here
     *
     * @throws UnusableArchive
     */
    public function extract(Bytes $bytes, Closure $write): void
    {
        $all = $this->limit + max([0, ...$this->sizes]);
        $input = new Input($bytes, $all);
        $extraction = new Extraction($this->sizes, $this->wanted, $write, $this->limit);
        $start = $input->peek(4);

        match (true) {
            $start === self::ZIP => (new Zip)->extract($input, $extraction),
            str_starts_with($start, self::GZIP) => (new Tar)->extract(new Input(new Gunzipped($input), $all), $extraction),
            default => throw UnusableArchive::noArchive($input->peek(self::START_BYTES)),
        };

        $extraction->finish();
        // A server may add something; what counts is there.
        $input->drain();
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Bun\Archive;

use InflateContext;

/**
 * What is compressed with gzip (RFC 1952), decompressed.
 */
final class Gunzipped implements Bytes
{
    /** Compressed bytes that are decompressed at once. They can become a thousand times as many, which are then in memory. */
    private const PIECE_BYTES = 4096;

    private readonly InflateContext $context;

    private string $ready = '';

    public function __construct(private readonly Input $input)
    {
        $context = inflate_init(ZLIB_ENCODING_GZIP);
        $this->context = $context === false ? throw UnusableArchive::unsupported('PHP cannot decompress it') : $context;
    }

    public function read(int $max): string
    {
        while ($this->ready === '' && inflate_get_status($this->context) !== ZLIB_STREAM_END) {
            $piece = $this->input->some(self::PIECE_BYTES);

            if ($piece === '') {
                throw UnusableArchive::cut();
            }

            $ready = @inflate_add($this->context, $piece);
            $this->ready = $ready === false ? throw UnusableArchive::damaged('its gzip cannot be decompressed') : $ready;
        }

        $bytes = substr($this->ready, 0, $max);
        $this->ready = substr($this->ready, strlen($bytes));

        return $bytes;
    }
}

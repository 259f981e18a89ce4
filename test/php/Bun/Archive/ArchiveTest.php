<?php

declare(strict_types=1);

namespace Revurb\Tests\Bun\Archive;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\TestCase;
use Revurb\Bun\Archive\Archive;
use Revurb\Bun\Archive\Unpacking;
use Revurb\Bun\Archive\UnusableArchive;
use Revurb\Tests\Support\Archives;

/**
 * With archives that are made byte by byte.
 */
final class ArchiveTest extends TestCase
{
    /** The content of the executable: neither compressible to nothing nor in one piece. */
    private static function bun(): string
    {
        return "\x7fELF".implode('', array_map(static fn (int $i): string => hash('sha256', (string) $i, true).str_repeat('.', $i % 7), range(1, 20)));
    }

    /** @return iterable<string, array{string}> */
    public static function archives(): iterable
    {
        $bun = self::bun();

        yield 'tar.gz of npm' => [Archives::tarGz(Archives::tarEntry('package/package.json', '{}'), Archives::tarEntry('package/bin/bun', $bun), Archives::tarEntry('package/README.md', 'Bun'))];
        yield 'tar.gz with a prefix of ustar' => [Archives::tarGz(Archives::tarEntry('bin/bun', $bun, prefix: str_repeat('p', 150)))];
        yield 'tar.gz with extended headers' => [Archives::tarGz(Archives::tarEntry('pax_global_header', "13 comment=x\n", 'g'), Archives::tarEntry('PaxHeader', "19 path=long/other\n", 'x'), Archives::tarEntry('other', 'no'), Archives::tarEntry('././@LongLink', "long/other\0", 'L'), Archives::tarEntry('other', 'no'), Archives::tarEntry('bun', $bun))];
        yield 'tar.gz with folders and links of that name' => [Archives::tarGz(Archives::tarEntry('bun/', '', '5'), Archives::tarEntry('bun', '', '2'), Archives::tarEntry('bun/bun', $bun, "\0"))];
        yield 'tar.gz with another file of that name later' => [Archives::tarGz(Archives::tarEntry('bin/bun', $bun), Archives::tarEntry('share/bun', 'completions'))];

        foreach (['stored' => Archives::STORED, 'deflated' => Archives::DEFLATED] as $name => $method) {
            $folder = Archives::zipEntry('bun-linux-x64/', '', Archives::STORED);
            $other = Archives::zipEntry('bun-linux-x64/LICENSE', 'MIT', $method);
            $entry = static fn (bool ...$options): string => Archives::zipEntry('bun-linux-x64/bun', $bun, $method, ...$options);

            yield "zip, {$name}" => [Archives::zip($folder, $entry(), $other)];
            yield "zip, {$name}, after other entries" => [Archives::zip($other, $folder, $entry())];
            yield "zip, {$name}, zip64" => [Archives::zipOf([$entry(isZip64: true), $other], isZip64: true)];
            yield "zip, {$name}, with a comment" => [Archives::zipOf([$entry()], comment: 'A comment')];
        }

        yield 'zip, size after the content' => [Archives::zip($folder, $entry(hasDescriptor: true), $other)];
        yield 'zip, size after the content without a signature' => [Archives::zip($entry(hasDescriptor: true, isSigned: false), $other)];
        yield 'zip, zip64, size after the content' => [Archives::zipOf([$entry(hasDescriptor: true, isZip64: true), $other], isZip64: true)];
        yield 'zip, another entry of unknown size is deflated' => [Archives::zip(Archives::zipEntry('LICENSE', 'MIT', hasDescriptor: true), Archives::zipEntry('bun', $bun))];
        yield 'zip, a folder of unknown size' => [Archives::zip(Archives::zipEntry('a/', '', Archives::STORED, hasDescriptor: true), Archives::zipEntry('a/bun', $bun))];
    }

    #[DataProvider('archives')]
    public function test_the_executable_is_unpacked_however_the_archive_is_split(string $archive): void
    {
        $this->assertSame(self::bun(), $this->unpacked([$archive]));
        $this->assertSame(self::bun(), $this->unpacked(str_split($archive)));
        mt_srand(1);

        for ($run = 0; $run < 30; $run++) {
            $pieces = [];

            for ($rest = $archive; $rest !== ''; $rest = substr($rest, strlen(end($pieces)))) {
                $pieces[] = substr($rest, 0, mt_rand(0, 600));
            }

            $this->assertSame(self::bun(), $this->unpacked($pieces));
        }
    }

    #[DataProvider('archives')]
    public function test_every_archive_that_is_cut_is_an_error(string $archive): void
    {
        for ($length = 0; $length < strlen($archive); $length++) {
            $error = $this->errorOf(substr($archive, 0, $length));
            $this->assertNotSame('', $error, "Cut after {$length} bytes, it was taken all the same.");

            if ($length >= 4) {
                $this->assertSame('ends in the middle', $error, "Cut after {$length} bytes");
            }
        }
    }

    #[DataProvider('archives')]
    public function test_what_follows_an_archive_is_ignored(string $archive): void
    {
        $this->assertSame(self::bun(), $this->unpacked([$archive, 'more']));
    }

    /** @return iterable<string, array{string, string}> */
    public static function unusable(): iterable
    {
        $bun = self::bun();
        $tar = Archives::tarEntry('bun', $bun);
        $zip = Archives::zip(Archives::zipEntry('bun', $bun, Archives::STORED));
        $size = number_format(strlen($bun) + 1);

        yield 'empty' => ['', 'is empty'];
        yield 'a web page' => ["\xef\xbb\xbf\n<!DOCTYPE html><title>Login</title>", 'is a web page and no archive, such as the login page of a proxy'];
        yield 'a web page of XHTML' => ['<?xml version="1.0"?><html>', 'is a web page and no archive'];
        yield 'text' => ["Not Found\n", 'is neither a zip archive nor a tar.gz: it begins with "Not Found"'];
        yield 'a long text' => [str_repeat('x', 500), 'it begins with "'.str_repeat('x', 60).'"'];
        yield 'the executable itself' => [$bun, 'is neither a zip archive nor a tar.gz'];
        yield 'other bytes' => ["\xfd7zXZ\0\0", 'is neither a zip archive nor a tar.gz'];
        yield 'an empty zip' => ["PK\x05\x06".str_repeat("\0", 18), 'is neither a zip archive nor a tar.gz'];
        yield 'a zip without it' => [Archives::zip(Archives::zipEntry('bunx', 'x'), Archives::zipEntry('bun/', '', Archives::STORED)), 'holds no file `bun`'];
        yield 'a tar.gz without it' => [Archives::tarGz(Archives::tarEntry('package/bin/bunx', $bun)), 'holds no file `bun`'];
        yield 'a tar.gz with nothing' => [Archives::tarGz(), 'holds no file `bun`'];
        yield 'gzip without a tar' => [(string) gzencode(str_repeat('text', 200)), 'is damaged: it is no tar'];
        yield 'a tar with a wrong checksum' => [(string) gzencode(substr_replace($tar, 'x', 0, 1).str_repeat("\0", 1024)), 'is damaged: it is no tar, or a header'];
        yield 'a tar with a size of base 256' => [Archives::tarGz(self::withSize($tar, "\x80".str_repeat("\0", 11))), 'is damaged: it is no tar, or a number in it is not one'];
        yield 'a tar with a size that is no number' => [Archives::tarGz(self::withSize($tar, 'not a number')), 'is damaged: it is no tar, or a number in it is not one'];
        yield 'damaged gzip' => [substr_replace(Archives::tarGz($tar), str_repeat("\xff", 40), 12, 40), 'is damaged: its gzip cannot be decompressed'];
        yield 'gzip with a wrong checksum' => [substr_replace($gz = Archives::tarGz($tar), strrev(substr($gz, -8)), -8), 'is damaged: its gzip cannot be decompressed'];
        yield 'another size in a tar' => [Archives::tarGz(Archives::tarEntry('bun', "{$bun}x")), "holds a file `bun` of {$size} bytes, which is not Bun 1.2.3"];
        yield 'another size in a zip' => [Archives::zip(Archives::zipEntry('bun', "{$bun}x")), "holds a file `bun` of {$size} bytes"];
        yield 'a larger one, with its size behind it' => [Archives::zip(Archives::zipEntry('bun', "{$bun}x", hasDescriptor: true)), "holds a file `bun` of {$size} bytes"];
        yield 'a smaller one, with its size behind it' => [Archives::zip(Archives::zipEntry('bun', 'x', hasDescriptor: true)), 'holds a file `bun` of 1 bytes'];
        yield 'a zip that states another size' => [Archives::zip(Archives::zipEntry('bun', "{$bun}x", statedSize: strlen($bun))), 'holds a file `bun` of'];
        yield 'a zip that states a larger size' => [Archives::zip(Archives::zipEntry('bun', substr($bun, 1), statedSize: strlen($bun))), 'is damaged: bun has not the size that its zip states'];
        yield 'an encrypted zip' => [Archives::zip(Archives::zipEntry('bun', $bun, flags: 1)), 'cannot be unpacked: its zip is encrypted'];
        yield 'a zip with another method' => [Archives::zip(Archives::zipEntry('bun', $bun, 12)), 'cannot be unpacked: its zip uses the compression method 12'];
        yield 'a zip with an unknown record' => [substr_replace($zip, "PK\x09\x09", (int) strpos($zip, "PK\x01\x02"), 4), 'is damaged: its zip has an unknown record'];
        yield 'a zip with an entry whose end is unknown' => [Archives::zip(Archives::zipEntry('LICENSE', 'MIT', Archives::STORED, hasDescriptor: true)), 'cannot be unpacked: its zip states no size for LICENSE'];
        yield 'a damaged zip' => [str_replace((string) gzdeflate($bun), str_repeat("\xff", strlen((string) gzdeflate($bun))), Archives::zip(Archives::zipEntry('bun', $bun))), 'is damaged: its zip cannot be decompressed'];
        yield 'a zip whose sizes of zip64 are missing' => [Archives::zip("PK\x03\x04".pack('vvvVVVVvv', 20, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 3, 0).'bun'), 'is damaged: a number in its zip is not one'];
        yield 'a zip whose size of zip64 is negative' => [Archives::zip("PK\x03\x04".pack('vvvVVVVvv', 20, 0, 0, 0, 0, 0xFFFFFFFF, 0xFFFFFFFF, 3, 20).'bun'.pack('vvPP', 1, 16, -1, -1)), 'is damaged: a number in its zip is not one'];
    }

    #[DataProvider('unusable')]
    public function test_what_is_no_archive_of_bun_is_named(string $archive, string $error): void
    {
        foreach ([[$archive], str_split($archive)] as $pieces) {
            try {
                $this->unpacked($pieces);
                $this->fail('It was unpacked all the same.');
            } catch (UnusableArchive $exception) {
                $this->assertStringContainsString($error, $exception->getMessage());
            }
        }
    }

    public function test_what_is_beside_bun_is_bounded(): void
    {
        $zeros = str_repeat("\0", 100_000);

        foreach ([Archives::tarGz(Archives::tarEntry('other', $zeros), Archives::tarEntry('bun', self::bun())), Archives::zip(Archives::zipEntry('other', $zeros), Archives::zipEntry('bun', self::bun()))] as $bomb) {
            $this->assertSame('holds more than 0 MiB, which is no archive of Bun', $this->errorOf($bomb, limit: 50_000));
            $this->assertSame('', $this->errorOf($bomb, limit: 150_000));
        }

        $this->assertStringContainsString('holds more than', $this->errorOf(Archives::zip(Archives::zipEntry('bun', self::bun())).$zeros, limit: 50_000));
    }

    /** No byte is written after the last that the executable may have, whatever the archive says. */
    public function test_no_more_bytes_are_written_than_the_executable_has(): void
    {
        $written = 0;
        $unpacking = new Unpacking(new Archive([100], 'Bun 1.2.3'), static function (string $bytes) use (&$written): void {
            $written += strlen($bytes);
        });

        try {
            $unpacking->push(Archives::zip(Archives::zipEntry('bun', str_repeat('x', 1_000_000), hasDescriptor: true)));
            $this->fail('It was unpacked all the same.');
        } catch (UnusableArchive) {
            $this->assertLessThanOrEqual(100, $written);
        }
    }

    public function test_an_executable_may_have_one_of_several_sizes(): void
    {
        foreach (['one', 'another'] as $content) {
            $this->assertSame($content, $this->unpacked([Archives::zip(Archives::zipEntry('bun', $content))], [3, 7]));
        }

        $this->assertStringContainsString('of 5 bytes', $this->errorOf(Archives::zip(Archives::zipEntry('bun', 'third')), [3, 7]));
    }

    private static function withSize(string $entry, string $field): string
    {
        $header = substr_replace(substr_replace(substr($entry, 0, 512), $field, 124, 12), '        ', 148, 8);

        return substr_replace($header, sprintf("%06o\0 ", array_sum(unpack('C*', $header) ?: [])), 148, 8).substr($entry, 512);
    }

    /** @param  list<int>|null  $sizes */
    private function errorOf(string $archive, ?array $sizes = null, int $limit = 10_000_000): string
    {
        try {
            $this->unpacked([$archive], $sizes, $limit);
        } catch (UnusableArchive $exception) {
            return $exception->getMessage();
        }

        return '';
    }

    /**
     * @param  array<array-key, string>  $pieces
     * @param  list<int>|null  $sizes
     */
    private function unpacked(array $pieces, ?array $sizes = null, int $limit = 10_000_000): string
    {
        $written = '';
        $unpacking = new Unpacking(new Archive($sizes ?? [strlen(self::bun())], 'Bun 1.2.3', $limit), static function (string $bytes) use (&$written): void {
            $written .= $bytes;
        });

        foreach ($pieces as $piece) {
            $unpacking->push($piece);
        }

        $unpacking->end();

        return $written;
    }
}

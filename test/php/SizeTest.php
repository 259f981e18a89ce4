<?php

declare(strict_types=1);

namespace Revurb\Tests;

use PHPUnit\Framework\TestCase;

/**
 * That no file of php-bridge holds more than one idea: a class that grows beyond this is split.
 */
final class SizeTest extends TestCase
{
    private const FILE_LINES = 250;

    private const CLASS_LINES = 230;

    public function test_no_file_and_no_class_is_too_long(): void
    {
        $tooLong = [];

        foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(dirname(__DIR__, 2).'/php-bridge', \FilesystemIterator::SKIP_DOTS)) as $file) {
            if (! $file instanceof \SplFileInfo || $file->getExtension() !== 'php') {
                continue;
            }

            $text = (string) file_get_contents($file->getPathname());
            $lines = substr_count($text, "\n");
            $ofClass = preg_match('/^(?:final |readonly |abstract )*(?:class|enum|interface|trait) .*\z/ms', $text, $class) === 1 ? substr_count($class[0], "\n") : 0;

            if ($lines > self::FILE_LINES || $ofClass > self::CLASS_LINES) {
                $tooLong[] = "{$file->getFilename()}: {$lines} lines, {$ofClass} of its class";
            }
        }

        $this->assertSame([], $tooLong);
    }
}

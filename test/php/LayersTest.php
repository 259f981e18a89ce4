<?php

declare(strict_types=1);

namespace Revurb\Tests;

use PHPUnit\Framework\TestCase;

/**
 * Which folder of php-bridge may use which, and whether php-bridge/README.md maps every file.
 */
final class LayersTest extends TestCase
{
    /** What each folder may use beside itself. A folder is only used by folders further down in this list, so that there is no circle. */
    private const ALLOWED = [
        'Apps' => [],
        'Environment' => [],
        'Events' => [],
        'Log' => [],
        'Status' => [],
        'System' => [],
        'Bridge' => ['Apps', 'Status'],
        'Bun' => ['System'],
        'Server' => ['Bun', 'System'],
        'Output' => ['Events', 'Server', 'Status', 'System'],
        'Restart' => ['Output', 'Server', 'Status', 'System'],
        'Supervision' => ['Events', 'Log', 'Output', 'Restart', 'Server', 'System'],
        'Reverb' => ['Apps', 'Bridge', 'Events'],
        'Broadcasting' => ['Bridge', 'Output'],
        'Install' => ['Bridge', 'Environment', 'System'],
        'Stubs' => ['Bridge', 'Bun', 'Environment'],
        'Doctor' => ['Apps', 'Bridge', 'Bun', 'Environment', 'Log', 'Restart', 'Server', 'Status', 'System'],
        'Console' => ['Apps', 'Bridge', 'Bun', 'Doctor', 'Environment', 'Events', 'Install', 'Log', 'Output', 'Restart', 'Server', 'Status', 'Stubs', 'Supervision', 'System'],
    ];

    public function test_every_folder_uses_only_the_folders_that_it_may(): void
    {
        $violations = [];

        foreach (self::files() as $file) {
            $folder = strstr($file, '/', before_needle: true) ?: '';

            foreach ($folder === '' || $folder === 'config' ? [] : self::foldersUsedBy($file) as $used) {
                if ($used !== $folder && ! in_array($used, self::ALLOWED[$folder], true)) {
                    $violations[] = "{$file} uses {$used}";
                }
            }
        }

        $this->assertSame([], $violations);
    }

    public function test_every_permission_is_used(): void
    {
        $unused = [];

        foreach (self::ALLOWED as $folder => $allowed) {
            $files = array_filter(self::files(), static fn (string $file): bool => str_starts_with($file, "{$folder}/"));
            $unused = [...$unused, ...array_map(
                static fn (string $permission): string => "{$folder} does not use {$permission}",
                array_diff($allowed, ...array_map(self::foldersUsedBy(...), array_values($files))),
            )];
        }

        $this->assertSame([], $unused);
    }

    public function test_the_list_of_folders_is_complete_and_has_no_circle(): void
    {
        $folders = array_map(basename(...), glob(self::root().'/*', GLOB_ONLYDIR) ?: []);
        $this->assertEqualsCanonicalizing([...array_keys(self::ALLOWED), 'config'], $folders);
        $above = [];

        foreach (self::ALLOWED as $folder => $allowed) {
            $this->assertSame([], array_diff($allowed, $above), "{$folder} may use a folder that stands below it in the list.");
            $above[] = $folder;
        }
    }

    public function test_imports_are_found(): void
    {
        $this->assertSame(['Apps'], array_values(array_unique(self::foldersUsedBy('Bridge/DocumentBuilder.php'))));
        $this->assertContains('Doctor', self::foldersUsedBy('Console/Doctor.php'));
    }

    public function test_the_map_names_every_file_and_no_other(): void
    {
        $named = [];

        foreach (preg_split('/^## /m', (string) file_get_contents(self::root().'/README.md')) ?: [] as $i => $section) {
            $folder = $i === 0 ? '' : (string) strstr($section, ':', before_needle: true);
            preg_match_all('/^\| ((?:`[^`]+\.php`(?:, )?)+) \|/m', $section, $rows);
            preg_match_all('/`([^`]+)`/', implode(' ', $rows[1]), $files);
            $named = [...$named, ...array_map(static fn (string $file): string => $folder.$file, $files[1])];
        }

        $this->assertSame(array_unique($named), $named, 'A file is named twice.');
        $this->assertEqualsCanonicalizing(self::files(), $named);
    }

    public function test_the_text_of_the_map_names_only_files_that_exist(): void
    {
        preg_match_all('#`(([A-Z]\w+)/[A-Z]\w+)`#', (string) file_get_contents(self::root().'/README.md'), $named);
        $this->assertNotEmpty($named[1]);

        foreach ($named[1] as $file) {
            $this->assertFileExists(self::root()."/{$file}.php");
        }
    }

    /** @return list<string> the folders whose classes a file names, with an import or with a full name */
    private static function foldersUsedBy(string $file): array
    {
        preg_match_all('/\bRevurb\\\\(\w+)\\\\/', (string) preg_replace('/^namespace .*$/m', '', (string) file_get_contents(self::root()."/{$file}")), $uses);

        return $uses[1];
    }

    /** @return list<string> with their folders, from php-bridge */
    private static function files(): array
    {
        $files = [];

        foreach (new \RecursiveIteratorIterator(new \RecursiveDirectoryIterator(self::root(), \FilesystemIterator::SKIP_DOTS)) as $file) {
            if ($file instanceof \SplFileInfo && $file->getExtension() === 'php') {
                $files[] = substr($file->getPathname(), strlen(self::root()) + 1);
            }
        }

        return $files;
    }

    private static function root(): string
    {
        return dirname(__DIR__, 2).'/php-bridge';
    }
}

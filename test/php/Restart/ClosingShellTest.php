<?php

declare(strict_types=1);

namespace Revurb\Tests\Restart;

use PHPUnit\Framework\Attributes\DataProvider;
use PHPUnit\Framework\Attributes\RequiresOperatingSystemFamily;
use PHPUnit\Framework\Attributes\RequiresPhpExtension;
use PHPUnit\Framework\TestCase;
use Revurb\Restart\ClosingShell;
use Revurb\System\CleanProcess;

#[RequiresOperatingSystemFamily('Linux')]
#[RequiresPhpExtension('pcntl')]
#[RequiresPhpExtension('posix')]
final class ClosingShellTest extends TestCase
{
    private const SCRIPT = __DIR__.'/../Support/execution.php';

    /**
     * The shells of Debian, RHEL and Alpine, and what dash leaves open: all of 1,100 files but those of one digit. One that sees no list of
     * its descriptors closes none.
     *
     * @return array<string, array{non-empty-list<string>, bool|null}>
     */
    public static function shells(): array
    {
        return [
            'bash' => [['/bin/bash', '-p'], true],
            'bash as sh' => [['/bin/bash', '--posix'], true],
            'busybox ash' => [['/bin/busybox', 'ash'], true],
            'dash' => [['/bin/dash'], false],
            'bash that lists no files' => [['/bin/bash', '-pf'], null],
        ];
    }

    /** @param  non-empty-list<string>  $shell */
    #[DataProvider('shells')]
    public function test_a_program_gets_arguments_environment_and_signals_but_no_descriptor(array $shell, ?bool $closesAll): void
    {
        if (! is_executable($shell[0])) {
            $this->markTestSkipped("There is no {$shell[0]}.");
        }

        $link = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6));
        symlink('/usr', $link);
        // A name for the working directory that no shell would choose by itself.
        $process = CleanProcess::of([PHP_BINARY, '-n', ...$this->extensions(), self::SCRIPT, ...$shell], $link, ['PWD' => '/elsewhere', 'VALUE' => "two\nlines \$x", 'BASH_ENV' => '/no/such/file']);
        $code = $process->run();
        unlink($link);
        $told = json_decode($process->getOutput(), true);

        $this->assertSame(0, $code, $process->getErrorOutput());
        $this->assertIsArray($told, $process->getErrorOutput());
        $inherited = $told['inherited'];
        unset($told['inherited']);
        $this->assertSame(
            ['pid' => true, 'pending' => true, 'masked' => true, 'stderr' => true, 'pwd' => '/elsewhere', 'odd' => false, 'value' => "two\nlines \$x", 'arguments' => ['a b', '$(exit 1)', '*', "it's"]],
            $told,
        );
        match ($closesAll) {
            true => $this->assertSame(0, $inherited),
            false => $this->assertThat($inherited, $this->logicalAnd($this->greaterThan(1090), $this->lessThanOrEqual(1100))),
            null => $this->assertSame(1100, $inherited),
        };
        $this->assertSame('', $process->getErrorOutput());
    }

    public function test_variables_that_only_bash_passes_on_are_not_lost(): void
    {
        $this->assertNull(ClosingShell::of(['/bin/sh'], ['app.name' => 'x']));
        $this->assertNotNull(ClosingShell::of(['/bin/sh'], ['APP_NAME' => 'x']));
        $this->assertNull(ClosingShell::of(['/no/such/shell'], []));
    }

    /** @return list<string> which `-n` leaves out: PHP of Debian has them as files */
    private function extensions(): array
    {
        return array_merge(...array_map(static fn (string $name): array => is_file(ini_get('extension_dir')."/{$name}.so") ? ["-dextension={$name}"] : [], ['posix', 'pcntl', 'tokenizer', 'ctype', 'mbstring']));
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Tests\Integration;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\RealAppTestCase;
use Symfony\Component\Process\Process;

/**
 * The real command in a PHP that lacks functions, as hosters' and distributions' `disable_functions` have it.
 */
final class MissingFunctionsTest extends RealAppTestCase
{
    /** What Debian's php.ini for web servers disables, and some copy for the command line. */
    private const PCNTL = 'pcntl_alarm,pcntl_fork,pcntl_waitpid,pcntl_wait,pcntl_wifexited,pcntl_wifstopped,pcntl_wifsignaled,pcntl_wifcontinued,'
        .'pcntl_wexitstatus,pcntl_wtermsig,pcntl_wstopsig,pcntl_signal,pcntl_signal_get_handler,pcntl_signal_dispatch,pcntl_get_last_error,'
        .'pcntl_strerror,pcntl_sigprocmask,pcntl_sigwaitinfo,pcntl_sigtimedwait,pcntl_exec,pcntl_getpriority,pcntl_setpriority,pcntl_async_signals,pcntl_unshare,';

    private function without(string $functions, string ...$arguments): Process
    {
        return $this->app->artisanWith(["-ddisable_functions={$functions}"], ...$arguments);
    }

    private function textOf(Process $process): string
    {
        return (string) preg_replace('/\s+/', ' ', $process->getOutput().$process->getErrorOutput());
    }

    #[TestWith(['reverb:start'])]
    #[TestWith(['reverb:start', '--check'])]
    public function test_without_proc_open_nothing_is_started_and_one_sentence_names_the_file(string ...$command): void
    {
        $this->app->write('php.ini', "disable_functions = exec, proc_open ,putenv\n");
        $start = $this->app->artisanWith(['-c', "{$this->app->base}/php.ini"], ...$command);

        $this->assertSame(1, $start->wait());
        $output = $this->textOf($start);
        $this->assertStringContainsString("ERROR This PHP has no proc_open: the server is a process of its own and cannot be started. Remove proc_open from disable_functions in {$this->app->base}/php.ini.", $output);
        $this->assertSame(1, substr_count($output, 'ERROR'));
    }

    public function test_without_signal_functions_a_stop_does_not_wait_for_the_drain(): void
    {
        $start = $this->without(self::PCNTL, 'reverb:start');
        $this->app->waitFor($start, $this->banner());
        $output = $this->textOf($start);

        $this->assertSame(1, substr_count($output, 'WARN'), $output);
        $this->assertStringContainsString('WARN This PHP has no pcntl_async_signals, pcntl_signal, pcntl_signal_get_handler, pcntl_exec, pcntl_sigprocmask, pcntl_waitpid,', $output);
        $this->assertStringContainsString('SIGTERM and Ctrl+C end reverb:start at once', $output);
        $this->assertStringContainsString('reverb:restart stops the server, and its process manager has to start it again', $output);
        $this->assertStringContainsString('from disable_functions in the command that runs PHP (-d)', $output);

        $server = $this->app->serverOf($start);
        $socket = websocket($this->app->port, 'the-key');
        $start->signal(SIGTERM);
        $start->wait();
        $this->assertSame(SIGTERM, $start->getTermSignal());
        $this->assertSame(pack('n', 1001), substr(read_frame($socket), 0, 2));
        $this->eventually(fn (): bool => ! $this->isAlive($server), 'The server outlived its supervisor.');
    }

    #[TestWith(['pcntl_exec'])]
    #[TestWith(['pcntl_wifexited'])]
    public function test_without_pcntl_exec_a_restart_stops_the_server(string $function): void
    {
        $start = $this->without($function, 'reverb:start');
        $this->app->waitFor($start, $this->banner());
        $output = $this->textOf($start);
        $this->assertStringContainsString("WARN This PHP has no {$function}: reverb:restart stops the server, and its process manager has to start it again. Remove {$function} from", $output);

        $this->assertSame(0, $this->app->artisan('reverb:restart')->wait());
        $this->assertSame(0, $start->wait(), $this->textOf($start));
        $this->assertStringContainsString('Stopping server on', $this->textOf($start));
    }

    public function test_the_other_functions_that_hosters_disable_are_not_needed(): void
    {
        $start = $this->without('exec,shell_exec,system,passthru,popen,putenv,posix_getpwuid,posix_geteuid,posix_getuid,getmyuid,symlink,link,show_source,phpinfo', 'reverb:start');
        $this->app->waitFor($start, $this->banner());

        $this->assertStringNotContainsString('WARN', $this->textOf($start));
        $start->signal(SIGTERM);
        $this->assertSame(0, $start->wait());
    }

    /** @return array<string, array{status: string, code: string, detail: string, fix: string|null}> by their checks */
    private function examined(Process $doctor): array
    {
        $doctor->wait();
        $report = json_decode($doctor->getOutput(), true);
        $this->assertIsArray($report, $this->textOf($doctor));

        return array_column($report['checks'], null, 'name');
    }

    public function test_the_doctor_names_the_functions_and_judges_nothing_that_needs_them(): void
    {
        $this->app->write('php.ini', "disable_functions = exec, proc_open ,putenv\n");
        $found = $this->examined($this->app->artisanWith(['-c', "{$this->app->base}/php.ini"], 'reverb:doctor', '--json'));

        $this->assertSame(['problem', 'php-functions-missing'], [$found['php']['status'], $found['php']['code']]);
        $this->assertStringContainsString('It has no proc_open: the server is a process of its own and cannot be started', $found['php']['detail']);
        $this->assertSame("Remove proc_open from disable_functions in {$this->app->base}/php.ini", $found['php']['fix']);
        $this->assertSame(['not-judged', 'not-judged'], [$found['bun']['code'], $found['config']['code']]);
    }

    public function test_functions_without_which_a_restart_is_a_stop_are_a_warning_of_the_doctor(): void
    {
        $found = $this->examined($this->without('pcntl_exec,posix_geteuid,posix_getpwuid', 'reverb:doctor', '--json'));

        $this->assertSame(['warning', 'php-functions-missing'], [$found['php']['status'], $found['php']['code']]);
        $this->assertStringContainsString('reverb:restart stops the server', $found['php']['detail']);
        $this->assertSame('ok', $found['config']['status'], $found['config']['detail']);
    }
}

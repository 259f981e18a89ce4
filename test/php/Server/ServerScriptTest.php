<?php

declare(strict_types=1);

namespace Revurb\Tests\Server;

use PHPUnit\Framework\TestCase;
use Revurb\Bun\BunPlace;
use Revurb\Bun\FoundBun;
use Revurb\Server\ServerScript;
use Revurb\Server\UnusableScript;

final class ServerScriptTest extends TestCase
{
    public function test_no_secret_is_in_arguments_or_environment(): void
    {
        $command = (new ServerScript(__FILE__, ['PATH' => '/bin', 'HOME' => '/root', 'REVERB_APP_SECRET' => 'hush', 'NODE_OPTIONS' => 'x']))->command(new FoundBun('/bin/bun', '1.4.5', BunPlace::Path), '{"secret":"hush"}');

        $this->assertSame(['/bin/bun', '--no-env-file', __FILE__, 'start'], $command->arguments);
        $this->assertSame(['PATH' => '/bin', 'HOME' => '/root'], $command->environment);
        $this->assertSame(__DIR__, $command->directory);
        $this->assertSame('{"secret":"hush"}', $command->document);
        $this->assertFalse($command->isProgramNamed);
    }

    public function test_a_script_that_is_missing_or_empty_is_named_with_what_to_do(): void
    {
        file_put_contents($empty = sys_get_temp_dir().'/revurb-'.bin2hex(random_bytes(6)).'.js', '');

        foreach (['/nowhere/revurb.js' => 'is missing', $empty => 'is empty'] as $file => $fault) {
            try {
                (new ServerScript($file, []))->command(new FoundBun('/bin/bun', '1.4.5', BunPlace::Path), '{}');
                $this->fail('It was taken all the same.');
            } catch (UnusableScript $exception) {
                $this->assertSame("The script of the server ({$file}) {$fault}: run `composer reinstall revurb/revurb`, or `make build` in a checkout.", $exception->getMessage());
            }
        }

        unlink($empty);
    }
}

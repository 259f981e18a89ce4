<?php

declare(strict_types=1);

namespace Revurb\Tests\Process;

use PHPUnit\Framework\TestCase;
use Revurb\Process\MissingScript;
use Revurb\Process\ServerScript;

final class ServerScriptTest extends TestCase
{
    public function test_no_secret_is_in_arguments_or_environment(): void
    {
        $command = (new ServerScript(__FILE__, ['PATH' => '/bin', 'HOME' => '/root', 'REVERB_APP_SECRET' => 'hush', 'NODE_OPTIONS' => 'x']))->command('/bin/bun', '{"secret":"hush"}');

        $this->assertSame(['/bin/bun', '--no-env-file', __FILE__, 'start'], $command->arguments);
        $this->assertSame(['PATH' => '/bin', 'HOME' => '/root'], $command->environment);
        $this->assertSame(__DIR__, $command->directory);
        $this->assertSame('{"secret":"hush"}', $command->document);
    }

    public function test_a_missing_script_is_said(): void
    {
        $this->expectExceptionObject(new MissingScript('/nowhere/revurb.js'));

        (new ServerScript('/nowhere/revurb.js', []))->command('/bin/bun', '{}');
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Tests\Console;

use Revurb\Tests\Support\AppTestCase;

final class InstallTest extends AppTestCase
{
    protected function env(): string
    {
        return "APP_NAME=Test\nBROADCAST_CONNECTION=log\nREVERB_APP_KEY=mine\nREVERB_APP_SECRET=\n";
    }

    public function test_it_adds_what_is_missing_and_says_so(): void
    {
        [$code, $output] = $this->artisanCall('reverb:install');
        $env = (string) file_get_contents("{$this->base}/.env");

        $this->assertSame(0, $code);
        $this->assertStringStartsWith("APP_NAME=Test\nBROADCAST_CONNECTION=log\nREVERB_APP_KEY=mine\nREVERB_APP_SECRET=\n", $env);
        $this->assertMatchesRegularExpression('/^REVERB_APP_ID=\d{6}$/m', $env);
        $this->assertStringContainsString('VITE_REVERB_APP_KEY="${REVERB_APP_KEY}"', $env);
        $this->assertSame(1, substr_count($env, "\nREVERB_APP_KEY="));
        $this->assertSame(1, substr_count($env, 'BROADCAST_CONNECTION'));
        $this->assertFileEquals(__DIR__.'/../../../php-bridge/config/reverb.php', "{$this->base}/config/reverb.php");

        $this->assertMatchesRegularExpression('/REVERB_APP_ID \.+ added/', $output);
        $this->assertMatchesRegularExpression('/REVERB_APP_KEY \.+ kept\s*\n/', $output);
        $this->assertMatchesRegularExpression('/REVERB_APP_SECRET \.+ kept, and empty/', $output);
        $this->assertStringContainsString('BROADCAST_CONNECTION is log', $output);
        $this->assertStringContainsString('routes/channels.php', $output);
    }

    public function test_a_second_run_changes_nothing(): void
    {
        $this->artisanCall('reverb:install');
        $env = file_get_contents("{$this->base}/.env");
        file_put_contents("{$this->base}/config/reverb.php", '<?php return [];');
        file_put_contents("{$this->base}/routes/channels.php", '<?php');

        [$code, $output] = $this->artisanCall('reverb:install');

        $this->assertSame(0, $code);
        $this->assertSame($env, file_get_contents("{$this->base}/.env"));
        $this->assertSame('<?php return [];', file_get_contents("{$this->base}/config/reverb.php"));
        $this->assertStringNotContainsString('added', $output);
        $this->assertStringNotContainsString('routes/channels.php', $output);
    }

    public function test_without_an_env_file_it_says_what_to_do(): void
    {
        unlink("{$this->base}/.env");

        [$code, $output] = $this->artisanCall('reverb:install');

        $this->assertSame(0, $code);
        $this->assertStringContainsString('.env.example', $output);
        $this->assertFileDoesNotExist("{$this->base}/.env");
    }

    public function test_a_missing_broadcast_connection_is_said(): void
    {
        $this->configure(['broadcasting.connections' => []]);

        $this->assertStringContainsString('has no "reverb" connection', $this->artisanCall('reverb:install')[1]);
    }

    public function test_stubs_are_written_with_what_to_do_next_and_nothing_else_is(): void
    {
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => 'supervisor,nginx']);

        $this->assertSame(0, $code);
        $this->assertStringContainsString("\ndirectory={$this->base}\n", (string) file_get_contents("{$this->base}/deploy/revurb/supervisor/revurb.conf"));
        $this->assertMatchesRegularExpression('~deploy/revurb/nginx/revurb-map\.conf \.+ written~', $output);
        $this->assertStringContainsString("\n    sudo cp {$this->base}/deploy/revurb/nginx/revurb.conf /etc/nginx/snippets/revurb.conf\n", $output);
        $this->assertStringContainsString("\n    sudo supervisorctl update\n", $output);
        $this->assertSame($this->env(), file_get_contents("{$this->base}/.env"));
        $this->assertFileDoesNotExist("{$this->base}/config/reverb.php");
        $this->assertDirectoryDoesNotExist("{$this->base}/deploy/revurb/systemd");
    }

    public function test_a_stub_that_is_there_is_kept_unless_it_is_forced(): void
    {
        $file = "{$this->base}/deploy/revurb/systemd/revurb.service";
        $this->artisanCall('reverb:install', ['--stubs' => 'systemd']);
        $this->assertMatchesRegularExpression('/revurb\.service \.+ kept\s*\n/', $this->artisanCall('reverb:install', ['--stubs' => 'systemd'])[1]);

        file_put_contents($file, 'mine');
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => 'systemd']);

        $this->assertSame(0, $code);
        $this->assertSame('mine', file_get_contents($file));
        $this->assertMatchesRegularExpression('/revurb\.service \.+ kept; --force writes it anew/', $output);

        $this->artisanCall('reverb:install', ['--stubs' => 'systemd', '--force' => true]);
        $this->assertStringContainsString('Type=notify', (string) file_get_contents($file));
    }

    public function test_an_unknown_stub_is_a_failure_that_writes_nothing(): void
    {
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => 'nginx,traefik']);

        $this->assertSame(1, $code);
        $this->assertStringContainsString('There is no stub called traefik. There are apache,', $output);
        $this->assertDirectoryDoesNotExist("{$this->base}/deploy");
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Revurb\Apps\AppSource;
use Revurb\Doctor\Code;
use Revurb\Doctor\Status;
use Revurb\Server\ServerScript;
use Revurb\Tests\Support\Doctor\DoctorAppTestCase;
use RuntimeException;

final class ConfigTest extends DoctorAppTestCase
{
    public function test_a_valid_configuration_is_ok(): void
    {
        $this->assertSame('1 app(s), http://127.0.0.1:8080', $this->found('config')->subject);
    }

    public function test_errors_of_the_configuration_are_named_with_the_line_to_change(): void
    {
        $this->script("echo '".json_encode([['level' => 'error', 'message' => 'The port is no number.', 'key' => 'servers.reverb.port', 'variable' => 'REVERB_SERVER_PORT'], ['level' => 'error', 'message' => 'A key is missing.']])."'; exit 78");
        $this->write(['REVERB_SERVER_PORT=x']);

        $this->assertFound(Status::Problem, 'The port is no number.; A key is missing.', '.env:1 REVERB_SERVER_PORT, or config/reverb.php: servers.reverb.port', $this->found('config'));
    }

    public function test_an_unknown_key_of_the_configuration_is_a_warning(): void
    {
        $this->script("echo '".json_encode([['level' => 'warn', 'message' => 'servers.reverb.revurb.x is not known and was ignored', 'key' => 'servers.reverb.revurb.x']])."'");

        $this->assertFound(Status::Warning, 'servers.reverb.revurb.x is not known', 'servers.reverb.revurb.x, and then: php artisan reverb:restart', $this->found('config'));
    }

    public function test_a_line_of_the_env_file_that_laravel_cannot_read_is_a_problem(): void
    {
        $this->write(['A=1', '# a comment', 'B=two words', 'C=3']);
        $result = $this->found('config');

        $this->assertSame([Code::EnvUnreadable, '.env:3'], [$result->code, $result->subject]);
        $this->assertFound(Status::Problem, 'unexpected whitespace', '.env:3: double quotes around the value', $result);

        $this->write(['A=1', '# a comment', 'B="two words"', 'C=3']);
        $this->assertSame(Status::Ok, $this->found('config')->status);
    }

    public function test_a_server_that_crashes_while_it_validates_is_a_problem(): void
    {
        $this->script('echo "Segmentation fault" >&2; exit 139');

        $this->assertFound(Status::Problem, 'Segmentation fault', 'config/reverb.php', $this->found('config'));
    }

    public function test_secrets_reach_the_validating_server_only_over_stdin(): void
    {
        putenv('DOCTOR_TEST=the-secret');
        $this->script('if env | grep -q the-secret; then echo "ERROR seen" >&2; exit 78; fi; case "$document" in *the-secret*) exit 0;; esac; exit 1');

        $result = $this->found('config');
        putenv('DOCTOR_TEST');

        $this->assertSame(Status::Ok, $result->status, $result->detail());
    }

    public function test_a_missing_bundled_server_is_a_problem(): void
    {
        $this->application()->instance(ServerScript::class, new ServerScript('/nowhere/revurb.js', []));

        $this->assertFound(Status::Problem, '/nowhere/revurb.js', 'composer reinstall', $this->found('config'));
    }

    public function test_an_unknown_app_provider_is_a_problem(): void
    {
        $this->configure(['reverb.apps.provider' => 'database']);

        $this->assertFound(Status::Problem, '[database]', 'config/reverb.php', $this->found('config'));
    }

    public function test_a_failing_source_of_apps_is_a_problem(): void
    {
        $this->application()->bind(AppSource::class, fn () => throw new RuntimeException('The database is down.'));

        $this->assertFound(Status::Problem, 'The database is down', 'reverb:start --check', $this->found('config'));
    }

    public function test_a_cached_configuration_that_is_older_than_the_env_file_is_a_warning(): void
    {
        file_put_contents("{$this->base}/bootstrap/cache/config.php", '<?php return [];');
        touch("{$this->base}/bootstrap/cache/config.php", time() - 60);

        $this->assertFound(Status::Warning, 'was changed since', 'config:cache', $this->found('config'));
    }

    public function test_a_cached_configuration_from_before_the_installation_is_a_warning(): void
    {
        $this->application()->instance('config_loaded_from_cache', true);
        $this->assertSame(Status::Ok, $this->found('config')->status);

        $this->configure(['reverb.servers.reverb.revurb' => ['bun' => "{$this->base}/bun"]]);
        $this->assertFound(Status::Warning, 'has no servers.reverb.revurb.bun_mirror (nor 9 other keys)', 'php artisan config:cache', $this->found('config'));

        $this->script("echo '".json_encode([['level' => 'error', 'message' => 'apps must name at least one.', 'key' => 'apps']])."'; exit 78");
        $this->configure(['reverb' => ['servers' => ['reverb' => ['revurb' => ['bun' => "{$this->base}/bun"]]]]]);
        $this->assertFound(Status::Problem, 'apps must name at least one.', 'php artisan config:cache', $this->found('config'));

        $this->application()->instance('config_loaded_from_cache', false);
        $this->assertFound(Status::Problem, 'apps must name at least one.', 'config/reverb.php', $this->found('config'));
    }
}

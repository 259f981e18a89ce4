<?php

declare(strict_types=1);

namespace Revurb\Tests\Stubs;

use Illuminate\Filesystem\Filesystem;
use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Tests\Support\AppTestCase;
use Symfony\Component\Process\Process;

/**
 * The file for Sail, beside the files that Sail itself writes, and with Sail's own script, which finds a program in the
 * place of Docker that writes down what it is asked for.
 */
final class SailValuesTest extends AppTestCase
{
    private const SAIL = __DIR__.'/../../../vendor/laravel/sail';

    private const YAML = 'Symfony\Component\Yaml\Yaml';

    private const OURS = 'deploy/revurb/sail/compose.yaml';

    /** As `sail:install --php=…` writes it. */
    private function sailsOwn(string $php = '8.4', string $service = 'laravel.test'): string
    {
        return strtr((string) file_get_contents(self::SAIL.'/stubs/compose.stub'), ['{{PHP_VERSION}}' => $php, 'laravel.test:' => "{$service}:"]);
    }

    private function write(string $file, string $text): void
    {
        (new Filesystem)->ensureDirectoryExists(dirname("{$this->base}/{$file}"));
        file_put_contents("{$this->base}/{$file}", $text);
    }

    private function environment(string $lines): void
    {
        file_put_contents("{$this->base}/.env", "\n{$lines}\n", FILE_APPEND);
    }

    /** @return array{int, string} */
    private function install(string $stubs = 'sail'): array
    {
        [$code, $output] = $this->artisanCall('reverb:install', ['--stubs' => $stubs, '--force' => true]);

        return [$code, (string) preg_replace('/\s+/', ' ', $output)];
    }

    /** @return array<string, mixed> */
    private function services(): array
    {
        $compose = $this->parsed("{$this->base}/".self::OURS, self::YAML);
        $this->assertIsArray($compose);

        return $compose['services'];
    }

    private function parsed(string $file, string $class): mixed
    {
        $parse = [$class, 'parseFile'];
        $this->assertIsCallable($parse, 'laravel/sail is not installed: composer update');

        return $parse($file);
    }

    /** The line of .env that the command prints. */
    private function sailFiles(string $output): string
    {
        preg_match('/SAIL_FILES=(\S+)/', $output, $line);

        return $line[1] ?? $this->fail("No SAIL_FILES in: {$output}");
    }

    #[TestWith(['8.2'])]
    #[TestWith(['8.4'])]
    #[TestWith(['8.5'])]
    public function test_the_image_is_that_of_the_application_and_not_that_of_the_php_that_writes_it(string $php): void
    {
        $this->write('compose.yaml', $this->sailsOwn($php));

        [$code, $output] = $this->install();

        $this->assertSame(0, $code, $output);
        $services = $this->services();
        $this->assertSame("sail-{$php}/app", $services['revurb']['image']);
        $this->assertSame(['.:/var/www/html'], $services['revurb']['volumes']);
        $this->assertSame('${WWWUSER}', $services['revurb']['environment']['WWWUSER']);
        $this->assertSame(1, $services['revurb']['environment']['LARAVEL_SAIL']);
        $this->assertSame('service:laravel.test', $services['revurb']['network_mode']);
        $this->assertSame(['8080:8080'], $services['laravel.test']['ports']);
        $this->assertArrayNotHasKey('networks', $services['revurb']);
        $this->assertArrayNotHasKey('build', $services['revurb']);
        $this->assertSame('compose.yaml:'.self::OURS, $this->sailFiles($output));
    }

    /**
     * Compose's own order, where there are several.
     *
     * @param  list<string>  $files
     */
    #[TestWith([['compose.yaml', 'docker-compose.yml'], 'compose.yaml'])]
    #[TestWith([['compose.yml'], 'compose.yml'])]
    #[TestWith([['docker-compose.yaml', 'docker-compose.yml'], 'docker-compose.yml'])]
    #[TestWith([['docker-compose.yaml'], 'docker-compose.yaml'])]
    public function test_the_compose_file_is_the_one_that_compose_uses(array $files, string $expected): void
    {
        foreach ($files as $file) {
            $this->write($file, $this->sailsOwn());
        }

        $this->assertSame("{$expected}:".self::OURS, $this->sailFiles($this->install()[1]));
    }

    public function test_an_override_is_merged_and_named_because_compose_no_longer_finds_it_itself(): void
    {
        $this->write('compose.yaml', $this->sailsOwn());
        $this->write('compose.override.yaml', "services:\n  laravel.test:\n    image: registry.test/app:dev\n    volumes: ['./certificates:/certificates']\n    environment:\n      REDIS_HOST: redis\n    ports: !reset []\n");

        [, $output] = $this->install();
        $ours = $this->services()['revurb'];

        $this->assertSame('compose.yaml:compose.override.yaml:'.self::OURS, $this->sailFiles($output));
        $this->assertSame('registry.test/app:dev', $ours['image']);
        $this->assertSame(['.:/var/www/html', './certificates:/certificates'], $ours['volumes']);
        $this->assertSame(['redis', 1], [$ours['environment']['REDIS_HOST'], $ours['environment']['LARAVEL_SAIL']]);
    }

    public function test_an_environment_that_is_a_list_in_one_file_and_a_map_in_the_other_is_merged_by_name(): void
    {
        $this->write('compose.yaml', "services:\n  laravel.test:\n    image: chat\n    environment: [APP_ENV=local, 'GREETING=a=b c', HOME]\n    volumes: ['.:/var/www/html']\n");
        $this->write('compose.override.yaml', "services:\n  laravel.test:\n    environment: {APP_ENV: testing, XDEBUG_MODE: 'off'}\n    volumes: ['.:/var/www/html', 'data:/data']\n");
        $this->assertSame(0, $this->install()[0]);

        $service = $this->services()['revurb'];
        $this->assertSame(['APP_ENV' => 'testing', 'GREETING' => 'a=b c', 'HOME' => null, 'XDEBUG_MODE' => 'off'], $service['environment']);
        $this->assertSame(['.:/var/www/html', 'data:/data'], $service['volumes']);
    }

    public function test_a_missing_file_in_compose_file_is_reported_with_that_variable(): void
    {
        $this->write('compose.yaml', $this->sailsOwn());
        $this->environment('COMPOSE_FILE=compose.yaml:compose.other.yaml');

        $this->assertStringContainsString('COMPOSE_FILE in .env names compose.other.yaml', $this->install()[1]);
    }

    public function test_files_that_env_already_names_come_first(): void
    {
        $this->write('docker/compose.yaml', $this->sailsOwn('8.3'));
        $this->write('compose.local.yaml', "services: {}\n");
        $this->environment('SAIL_FILES=docker/compose.yaml:compose.local.yaml # for this machine');

        $expected = 'docker/compose.yaml:compose.local.yaml:'.self::OURS;
        $this->assertSame($expected, $this->sailFiles($this->install()[1]));
        $this->assertSame('sail-8.3/app', $this->services()['revurb']['image']);

        $this->environment("SAIL_FILES={$expected}");
        $this->assertSame($expected, $this->sailFiles($this->install()[1]));
    }

    public function test_the_service_is_the_one_that_sail_runs_commands_in(): void
    {
        $this->write('compose.yaml', $this->sailsOwn(service: 'shop'));
        $this->environment('APP_SERVICE="shop"');

        $this->assertSame(0, $this->install()[0]);
        $this->assertSame(['shop', 'revurb'], array_keys($this->services()));
        $this->assertSame('service:shop', $this->services()['revurb']['network_mode']);
        $this->assertSame(['shop'], $this->services()['revurb']['depends_on']);
    }

    public function test_the_service_of_sail_is_proposed(): void
    {
        $this->write('compose.yaml', "services:\n  db:\n    image: mysql\n  shop:\n    image: shop\n    environment:\n      LARAVEL_SAIL: 1\n");

        [$code, $output] = $this->install();

        $this->assertSame(1, $code);
        $this->assertStringContainsString('compose.yaml has no service laravel.test, but db, shop: name the one of Laravel in .env, as in APP_SERVICE=shop.', $output);
    }

    public function test_an_image_without_a_name_is_built_from_the_same_folder(): void
    {
        $this->write('compose.yaml', "services:\n  laravel.test:\n    build: {context: ./docker/8.4, args: {WWWGROUP: '\${WWWGROUP}'}}\n    env_file: [.env, .env.docker]\n    volumes:\n      - {type: bind, source: ., target: /var/www/html}\n    environment: ['LARAVEL_SAIL=1', 'WWWUSER=\${WWWUSER}', 'FLAG=yes']\n");

        $this->assertSame(0, $this->install()[0]);
        $ours = $this->services()['revurb'];

        $this->assertSame(['context' => './docker/8.4', 'args' => ['WWWGROUP' => '${WWWGROUP}']], $ours['build']);
        $this->assertArrayNotHasKey('image', $ours);
        $this->assertSame(['.env', '.env.docker'], $ours['env_file']);
        $this->assertSame([['type' => 'bind', 'source' => '.', 'target' => '/var/www/html']], $ours['volumes']);
        $this->assertSame(['LARAVEL_SAIL' => '1', 'WWWUSER' => '${WWWUSER}', 'FLAG' => 'yes'], $ours['environment']);
    }

    #[TestWith([null, 'There is no compose.yaml: `php artisan sail:install` writes it.'])]
    #[TestWith(["services:\n\t- nonsense", 'compose.yaml cannot be read: A YAML file cannot contain tabs'])]
    #[TestWith(['', 'compose.yaml has no service laravel.test, but none'])]
    public function test_without_sail_the_stub_fails_and_writes_nothing(?string $compose, string $message): void
    {
        if ($compose !== null) {
            $this->write('compose.yaml', $compose);
        }

        [$code, $output] = $this->install();

        $this->assertSame(1, $code);
        $this->assertStringContainsString($message, $output);
        $this->assertFileDoesNotExist("{$this->base}/".self::OURS);
    }

    public function test_all_stubs_are_written_without_that_of_sail_if_there_is_no_sail(): void
    {
        [$code, $output] = $this->install('all');

        $this->assertSame(0, $code);
        $this->assertStringContainsString('The file for Sail is left out. There is no compose.yaml', $output);
        $this->assertFileDoesNotExist("{$this->base}/".self::OURS);
        $this->assertFileExists("{$this->base}/deploy/revurb/systemd/revurb.service");
    }

    public function test_all_stubs_include_that_of_sail_if_there_is_sail(): void
    {
        $this->write('compose.yaml', $this->sailsOwn());

        $this->assertSame(0, $this->install('all')[0]);
        $this->assertFileExists("{$this->base}/".self::OURS);
    }

    public function test_sails_own_script_works_before_and_after_and_takes_both_files(): void
    {
        $this->write('compose.yaml', $this->sailsOwn());
        $this->assertSame(['up --detach'], $this->sail('up', '--detach'));

        [, $output] = $this->install();
        $this->assertSame(['up --detach'], $this->sail('up', '--detach'));

        $this->environment("SAIL_FILES={$this->sailFiles($output)}");
        $this->assertSame(['-f compose.yaml -f '.self::OURS.' up --detach'], $this->sail('up', '--detach'));
        $this->assertSame(['-f compose.yaml -f '.self::OURS.' exec -u sail -T laravel.test php artisan reverb:restart'], $this->sail('artisan', 'reverb:restart'));
    }

    /** An earlier documentation put the line before the file. Sail then does nothing, and the installer reports it. */
    public function test_a_missing_file_in_sail_files_is_reported(): void
    {
        $this->write('compose.yaml', $this->sailsOwn());
        $this->environment('SAIL_FILES=compose.yaml:compose.other.yaml');

        $this->assertStringContainsString("Unable to find Docker Compose file: 'compose.other.yaml'", $this->process('up')->getErrorOutput());

        [$code, $output] = $this->install();
        $this->assertSame(1, $code);
        $this->assertStringContainsString('SAIL_FILES in .env names compose.other.yaml, which is not there, and without it no sail command works.', $output);
    }

    public function test_our_own_missing_file_in_sail_files_is_no_error(): void
    {
        $this->write('compose.yaml', $this->sailsOwn());
        $this->environment('SAIL_FILES=compose.yaml:'.self::OURS);

        $this->assertSame(0, $this->install()[0]);
        $this->assertSame(['-f compose.yaml -f '.self::OURS.' up'], $this->sail('up'));
    }

    /**
     * @return list<string> what Docker Compose was asked for at last
     *
     * @phpstan-impure
     */
    private function sail(string ...$arguments): array
    {
        $process = $this->process(...$arguments);
        $this->assertSame(0, $process->getExitCode(), $process->getOutput().$process->getErrorOutput());
        preg_match_all('/^asked: compose (.*)$/m', $process->getOutput(), $asked);

        return $asked[1];
    }

    private function process(string ...$arguments): Process
    {
        // `ps -q` answers that containers run. What Sail looks at itself it does not print.
        $this->write('fake/docker', "#!/bin/sh\ncase \"\$*\" in *' ps '*|*' -q') echo running ;; *) echo \"asked: \$*\" ;; esac\n");
        chmod("{$this->base}/fake/docker", 0755);
        $process = new Process(['bash', realpath(self::SAIL.'/bin/sail'), ...$arguments], $this->base, ['PATH' => "{$this->base}/fake:".getenv('PATH'), 'SAIL_FILES' => false, 'APP_SERVICE' => false]);
        $process->run();

        return $process;
    }
}

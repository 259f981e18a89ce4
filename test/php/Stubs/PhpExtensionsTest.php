<?php

declare(strict_types=1);

namespace Revurb\Tests\Stubs;

use PHPUnit\Framework\Attributes\TestWith;
use Revurb\Stubs\PhpExtensions;
use Revurb\Tests\Support\AppTestCase;

final class PhpExtensionsTest extends AppTestCase
{
    protected function setUp(): void
    {
        parent::setUp();
        $this->configure(['database.default' => 'sqlite', 'database.redis.client' => 'predis']);
    }

    /** @return array{string, string, string} */
    private function values(): array
    {
        $values = $this->make(PhpExtensions::class)->values();

        return [$values['php_extensions'], $values['pecl_extensions'], $values['debian_packages']];
    }

    private function lock(string $text): void
    {
        file_put_contents("{$this->base}/composer.lock", $text);
    }

    public function test_an_application_without_a_lock_needs_pcntl(): void
    {
        $this->assertSame(['pcntl', '', ''], $this->values());
    }

    #[TestWith([''])]
    #[TestWith(['{'])]
    #[TestWith(['7'])]
    #[TestWith(['{"packages":7,"platform":[]}'])]
    #[TestWith(['{"packages":[7,{"require":7},{"name":"a/b"}],"platform":{"php":"^8.2"}}'])]
    public function test_a_lock_without_extensions_adds_none(string $text): void
    {
        $this->lock($text);

        $this->assertSame(['pcntl', '', ''], $this->values());
    }

    public function test_extensions_of_packages_and_of_the_application_are_added_once_with_their_headers(): void
    {
        $this->lock((string) json_encode([
            'packages' => [
                ['name' => 'one/one', 'require' => ['php' => '^8.2', 'ext-intl' => '*', 'ext-zip' => '*', 'ext-mbstring' => '*', 'ext-unknown' => '*']],
                ['name' => 'two/two', 'require' => ['EXT-Intl' => '*', 'ext-gd' => '*', 'ext-mongodb' => '^2']],
            ],
            'packages-dev' => [['name' => 'dev/dev', 'require' => ['ext-soap' => '*']]],
            'platform' => ['php' => '^8.2', 'ext-bcmath' => '*'],
        ]));

        $this->assertSame(['bcmath gd intl pcntl zip', 'mongodb', 'libicu-dev libpng-dev libssl-dev libzip-dev zlib1g-dev'], $this->values());
    }

    #[TestWith(['mysql', 'pcntl pdo_mysql', ''])]
    #[TestWith(['mariadb', 'pcntl pdo_mysql', ''])]
    #[TestWith(['pgsql', 'pcntl pdo_pgsql', 'libpq-dev'])]
    #[TestWith(['sqlite', 'pcntl', ''])]
    #[TestWith([null, 'pcntl', ''])]
    public function test_the_driver_of_the_default_database_is_added(?string $driver, string $extensions, string $packages): void
    {
        $this->configure(['database.default' => 'chosen', 'database.connections.chosen' => ['driver' => $driver]]);

        $this->assertSame([$extensions, '', $packages], $this->values());
    }

    public function test_phpredis_is_added_where_this_php_has_it(): void
    {
        $this->configure(['database.redis.client' => 'phpredis']);

        $this->assertSame(['pcntl', extension_loaded('redis') ? 'redis' : '', ''], $this->values());
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Stubs;

use Illuminate\Contracts\Config\Repository;

/**
 * The extensions that an image of this application needs and that PHP's official image does not have: pcntl, those that its packages
 * require by composer.lock, and those of its database and its Redis client.
 */
final readonly class PhpExtensions
{
    private const ALWAYS = 'pcntl';

    /** What `docker-php-ext-install` compiles, with the packages of Debian whose headers it needs. */
    private const COMPILED = [
        'bcmath' => [],
        'bz2' => ['libbz2-dev'],
        'calendar' => [],
        'exif' => [],
        'gd' => ['libpng-dev', 'zlib1g-dev'],
        'gettext' => [],
        'gmp' => ['libgmp-dev'],
        'intl' => ['libicu-dev'],
        'mysqli' => [],
        self::ALWAYS => [],
        'pdo_mysql' => [],
        'pdo_pgsql' => ['libpq-dev'],
        'pgsql' => ['libpq-dev'],
        'soap' => ['libxml2-dev'],
        'sockets' => [],
        'xsl' => ['libxslt1-dev'],
        'zip' => ['libzip-dev', 'zlib1g-dev'],
    ];

    /** What `pecl` compiles, likewise. */
    private const PECL = [
        'apcu' => [],
        'igbinary' => [],
        'memcached' => ['libmemcached-dev', 'libssl-dev', 'zlib1g-dev'],
        'mongodb' => ['libssl-dev'],
        'msgpack' => [],
        'redis' => [],
    ];

    private const OF_DATABASE = ['mysql' => 'pdo_mysql', 'mariadb' => 'pdo_mysql', 'pgsql' => 'pdo_pgsql'];

    public function __construct(
        private string $basePath,
        private Repository $config,
    ) {}

    /** @return array<string, string> */
    public function values(): array
    {
        $needed = [self::ALWAYS, ...$this->ofPackages(), ...$this->ofConfiguration()];
        $compiled = array_intersect_key(self::COMPILED, array_flip($needed));
        $pecl = array_intersect_key(self::PECL, array_flip($needed));
        $packages = array_unique(array_merge(...array_values($compiled), ...array_values($pecl)));
        sort($packages);

        return [
            'php_extensions' => implode(' ', array_keys($compiled)),
            'pecl_extensions' => implode(' ', array_keys($pecl)),
            'debian_packages' => implode(' ', $packages),
        ];
    }

    /** @return list<string> */
    private function ofPackages(): array
    {
        $file = "{$this->basePath}/composer.lock";
        $lock = is_file($file) ? json_decode((string) file_get_contents($file), associative: true) : null;
        $packages = is_array($lock) && is_array($lock['packages'] ?? null) ? $lock['packages'] : [];
        $required = array_map(static fn (mixed $package): mixed => is_array($package) ? $package['require'] ?? null : null, $packages);
        $names = [];

        foreach ([...array_values($required), $lock['platform'] ?? null] as $requirements) {
            $names = [...$names, ...is_array($requirements) ? array_map(strval(...), array_keys($requirements)) : []];
        }

        return array_map(static fn (string $name): string => strtolower(substr($name, 4)), array_values(preg_grep('/^ext-/i', $names) ?: []));
    }

    /** @return list<string> */
    private function ofConfiguration(): array
    {
        $connection = $this->text('database.default');
        $driver = $this->text("database.connections.{$connection}.driver");
        // It is the default of every application, whether or not it uses Redis.
        $redis = $this->text('database.redis.client') === 'phpredis' && extension_loaded('redis');

        return [...isset(self::OF_DATABASE[$driver]) ? [self::OF_DATABASE[$driver]] : [], ...$redis ? ['redis'] : []];
    }

    private function text(string $key): string
    {
        $value = $this->config->get($key);

        return is_string($value) ? $value : '';
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Doctor\Checks;

use Illuminate\Foundation\Application;
use Throwable;

/**
 * Why a table of Laravel's cache or queue cannot be used, and how to fix it.
 */
final readonly class DatabaseFault
{
    private const TABLES = ['cache' => 'make:cache-table', 'queue' => 'make:queue-table'];

    private const NO_TABLE = '/no such table|doesn\'t exist|Undefined table|relation .+ does not exist|42S02|42P01|Invalid object name/i';

    public function __construct(
        private Application $app,
        private Folder $folder,
    ) {}

    public static function isTableMissing(string $message): bool
    {
        return preg_match(self::NO_TABLE, $message) === 1;
    }

    /**
     * @param  'cache'|'queue'  $for
     * @return array{string, string} what is wrong, and what to do
     */
    public function of(Throwable $exception, string $for): array
    {
        $message = strtok($exception->getMessage(), "\n") ?: $exception::class;
        $file = $this->sqliteFile();

        return match (true) {
            $file !== null && ! is_file($file) => ["There is no database {$file}.", "touch {$file} && php artisan migrate"],
            self::isTableMissing($message) => ["Its table is missing ({$message}).", $this->migrate($for)],
            $file !== null && preg_match('/readonly database|unable to open/i', $message) === 1 => [
                "The database {$file} cannot be written ({$message}).", $this->folder->fix($file),
            ],
            preg_match('/could not find driver/i', $message) === 1 => [$message, "Install PHP's extension for that database, such as pdo_mysql, pdo_pgsql or pdo_sqlite"],
            default => [$message, 'config/database.php, and the lines DB_* of .env'],
        };
    }

    /** The command that creates a migration fails if there is one. */
    private function migrate(string $for): string
    {
        $table = $for === 'queue' ? 'jobs' : 'cache';
        $hasMigration = glob($this->app->databasePath("migrations/*create_{$table}_table.php")) ?: [];

        return ($hasMigration === [] ? 'php artisan '.self::TABLES[$for].' && ' : '').'php artisan migrate';
    }

    private function sqliteFile(): ?string
    {
        $connection = $this->app->make('config')->get('database.connections.'.$this->app->make('config')->get('database.default'));
        $file = is_array($connection) && ($connection['driver'] ?? null) === 'sqlite' ? $connection['database'] ?? null : null;

        return is_string($file) && $file !== ':memory:' ? $file : null;
    }
}

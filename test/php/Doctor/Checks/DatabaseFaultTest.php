<?php

declare(strict_types=1);

namespace Revurb\Tests\Doctor\Checks;

use Illuminate\Support\Facades\Schema;
use Revurb\Doctor\Checks\DatabaseFault;
use Revurb\Doctor\Checks\Folder;
use Revurb\Doctor\Code;
use Revurb\Doctor\Status;
use Revurb\Tests\Support\Doctor\LocalServerTestCase;
use RuntimeException;

final class DatabaseFaultTest extends LocalServerTestCase
{
    public function test_a_missing_cache_table_has_the_migration_as_its_fix(): void
    {
        $this->database();
        $this->configure(['cache.default' => 'database', 'cache.stores.database' => ['driver' => 'database', 'table' => 'cache']]);
        $this->assertFound(Status::Problem, Code::CacheTableMissing, 'Its table is missing', 'php artisan make:cache-table && php artisan migrate', $this->found('cache'));

        // The command refuses where it has been run.
        mkdir("{$this->base}/database/migrations", recursive: true);
        touch("{$this->base}/database/migrations/0001_01_01_000001_create_cache_table.php");
        $this->assertSame('php artisan migrate', $this->found('cache')->fix);

        // The fix, and again.
        Schema::create('cache', static function ($table): void {
            $table->string('key')->primary();
            $table->mediumText('value');
            $table->integer('expiration');
        });
        $this->assertSame(Status::Ok, $this->found('cache')->status, $this->found('cache')->detail());
    }

    public function test_a_missing_database_file_is_named(): void
    {
        $this->database(exists: false);
        $this->configure(['cache.default' => 'database', 'cache.stores.database' => ['driver' => 'database', 'table' => 'cache']]);

        $this->assertFound(Status::Problem, Code::CacheUnusable, 'There is no database', "touch {$this->base}/database.sqlite && php artisan migrate", $this->found('cache'));
    }

    public function test_an_unwritable_database_file_is_named(): void
    {
        $this->database();
        [$fault, $fix] = (new DatabaseFault($this->application(), new Folder))->of(new RuntimeException('SQLSTATE[HY000]: General error: 8 attempt to write a readonly database'), 'cache');

        $this->assertStringContainsString('cannot be written', $fault);
        $this->assertStringContainsString("chown -R {$this->make(Folder::class)->user()} {$this->base}/database.sqlite", $fix);
    }
}

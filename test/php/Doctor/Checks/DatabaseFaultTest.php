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
    public function test_a_cache_in_a_database_whose_table_is_missing(): void
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

    public function test_a_cache_in_a_database_that_is_not_there(): void
    {
        $this->database(exists: false);
        $this->configure(['cache.default' => 'database', 'cache.stores.database' => ['driver' => 'database', 'table' => 'cache']]);

        $this->assertFound(Status::Problem, Code::CacheUnusable, 'There is no database', "touch {$this->base}/database.sqlite && php artisan migrate", $this->found('cache'));
    }

    public function test_a_database_that_this_user_cannot_write(): void
    {
        $this->database();
        [$fault, $fix] = (new DatabaseFault($this->application(), new Folder))->of(new RuntimeException('SQLSTATE[HY000]: General error: 8 attempt to write a readonly database'), 'cache');

        $this->assertStringContainsString('cannot be written', $fault);
        $this->assertStringContainsString("chown -R {$this->make(Folder::class)->user()} {$this->base}/database.sqlite", $fix);
    }
}

<?php

namespace App\Providers;

use App\Database\LockingSQLiteConnection;
use Illuminate\Database\Connection;
use Illuminate\Support\ServiceProvider;

class AppServiceProvider extends ServiceProvider
{
    public function register(): void
    {
        Connection::resolverFor('sqlite', fn (...$arguments) => new LockingSQLiteConnection(...$arguments));
    }
}

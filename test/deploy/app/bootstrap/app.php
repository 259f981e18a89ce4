<?php

declare(strict_types=1);

use Illuminate\Foundation\Application;
use Revurb\RevurbServiceProvider;

return Application::configure(basePath: dirname(__DIR__))
    ->withRouting(commands: __DIR__.'/../routes/console.php')
    ->withProviders([RevurbServiceProvider::class], withBootstrapProviders: false)
    ->withExceptions()
    ->create();

<?php

declare(strict_types=1);

use Illuminate\Http\Request;

require __DIR__.'/../vendor/autoload.php';

(require_once __DIR__.'/../bootstrap/app.php')->handleRequest(Request::capture());

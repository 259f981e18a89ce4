<?php

declare(strict_types=1);

// Like a shared one: not a release's own.
return [
    'stores' => ['file' => ['driver' => 'file', 'path' => env('CACHE_FOLDER')]],
];

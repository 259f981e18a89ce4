<?php

declare(strict_types=1);

$path = trim((string) env('REVERB_SERVER_PATH'), '/');

// Laravel's own, but for the prefix of a server that has one.
return [
    'connections' => [
        'reverb' => [
            'driver' => 'reverb',
            'key' => env('REVERB_APP_KEY'),
            'secret' => env('REVERB_APP_SECRET'),
            'app_id' => env('REVERB_APP_ID'),
            'options' => [
                'host' => env('REVERB_HOST'),
                'port' => env('REVERB_PORT'),
                'path' => $path === '' ? '' : "/{$path}/",
                'scheme' => env('REVERB_SCHEME'),
                'useTLS' => false,
            ],
        ],
    ],
];

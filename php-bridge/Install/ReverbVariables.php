<?php

declare(strict_types=1);

namespace Revurb\Install;

use Illuminate\Support\Str;
use Revurb\Environment\EnvFile;
use Revurb\Environment\Environment;
use Revurb\Environment\EnvValue;

/**
 * The lines that Reverb's installer adds to .env, with the same values.
 */
final readonly class ReverbVariables
{
    /** Variables that must not be empty: without them, publishing or connecting fails. Any other may be empty on purpose. */
    private const FILLED = ['REVERB_APP_ID', 'REVERB_APP_KEY', 'REVERB_APP_SECRET', 'VITE_REVERB_APP_KEY'];

    /** @param  array<string, string>  $done  what was done to each line, by its name */
    private function __construct(
        public EnvFile $file,
        public array $done,
    ) {}

    /** Adds missing lines and fills empty ones of `FILLED`. Lines with a value are left unchanged. */
    public static function completing(EnvFile $file): self
    {
        $done = [];
        $missing = ['REVERB' => [], 'VITE' => []];

        foreach (self::values() as $name => $written) {
            if ($file->definition($name) === null) {
                $missing[Str::before($name, '_')][$name] = $written;
                $done[$name] = 'added';
            } elseif (! self::isEmpty($file, $name)) {
                $done[$name] = 'kept';
            } elseif (! in_array($name, self::FILLED, true)) {
                $done[$name] = 'kept, and empty';
            } else {
                $file = $file->with($name, $written);
                $done[$name] = 'filled';
            }
        }

        foreach ($missing as $block) {
            $file = $file->withBlock($block);
        }

        return new self($file, $done);
    }

    private static function isEmpty(EnvFile $file, string $name): bool
    {
        return $file->definition($name)?->reference() === null && (new Environment($file))->laravel($name) === null;
    }

    /** @return array<string, string> */
    private static function values(): array
    {
        return [
            'REVERB_APP_ID' => (string) random_int(100_000, 999_999),
            'REVERB_APP_KEY' => Str::lower(Str::random(20)),
            'REVERB_APP_SECRET' => Str::lower(Str::random(20)),
            'REVERB_HOST' => '"localhost"',
            'REVERB_PORT' => '8080',
            'REVERB_SCHEME' => 'http',
            'VITE_REVERB_APP_KEY' => EnvValue::reference('REVERB_APP_KEY'),
            'VITE_REVERB_HOST' => EnvValue::reference('REVERB_HOST'),
            'VITE_REVERB_PORT' => EnvValue::reference('REVERB_PORT'),
            'VITE_REVERB_SCHEME' => EnvValue::reference('REVERB_SCHEME'),
        ];
    }
}

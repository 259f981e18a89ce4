<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Closure;

/**
 * A stream during whose closing something happens, as a signal may come then.
 */
final class SignalledStream
{
    /** @var resource|null */
    public $context;

    public static ?Closure $whileClosing = null;

    /** @return resource */
    public static function open(Closure $whileClosing)
    {
        self::$whileClosing = $whileClosing;
        stream_wrapper_register('signalled', self::class);
        $stream = fopen('signalled://', 'w') ?: throw new \RuntimeException('It cannot be opened.');
        stream_wrapper_unregister('signalled');

        return $stream;
    }

    public function stream_open(string $path, string $mode, int $options, ?string &$opened): bool
    {
        return true;
    }

    public function stream_write(string $data): int
    {
        return strlen($data);
    }

    public function stream_set_option(int $option, int $first, ?int $second): bool
    {
        return true;
    }

    public function stream_close(): void
    {
        (self::$whileClosing)?->__invoke();
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Tests\Support;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Broadcasting\Factory;
use Illuminate\Contracts\Queue\ShouldQueue;
use RuntimeException;

/**
 * A job that publishes an event, and then may fail.
 */
final class Announce implements ShouldQueue
{
    use Queueable;

    public function __construct(private readonly string $text, private readonly bool $fails = false) {}

    public function handle(Factory $broadcasting): void
    {
        $broadcasting->connection()->broadcast(['news'], 'announced', ['text' => $this->text]);

        if ($this->fails) {
            throw new RuntimeException('It has published, and failed.');
        }
    }
}

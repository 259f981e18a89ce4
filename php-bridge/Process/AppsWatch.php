<?php

declare(strict_types=1);

namespace Revurb\Process;

use Closure;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Throwable;

/**
 * Whether the apps have changed since the server was told of them.
 */
final class AppsWatch
{
    private readonly ReportOnce $reportOnce;

    private string $told = '';

    /** @param  Closure(): list<array<string, mixed>>  $apps  as the document has them */
    public function __construct(
        private readonly Closure $apps,
        ExceptionHandler $exceptions,
    ) {
        $this->reportOnce = new ReportOnce($exceptions);
    }

    /** A server was started, and told what that document says. */
    public function begin(string $document): void
    {
        $this->reportOnce->end();
        $content = json_decode($document, true);
        $this->told = (string) json_encode(is_array($content) ? $content['apps'] ?? [] : []);
    }

    /** A line for the server's stdin; null: it knows. */
    public function news(): ?string
    {
        $wasOutage = $this->reportOnce->isOn();

        try {
            $apps = json_encode(($this->apps)(), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
        } catch (Throwable $exception) {
            $this->reportOnce->report($exception);

            return $wasOutage ? null : '{"command":"apps-unreachable"}';
        }

        $this->reportOnce->end();
        // As the document was read, so that both are written alike.
        $now = (string) json_encode(json_decode($apps, true));

        if ($now === $this->told && ! $wasOutage) {
            return null;
        }

        $this->told = $now;

        return "{\"command\":\"apps\",\"apps\":{$apps}}";
    }
}

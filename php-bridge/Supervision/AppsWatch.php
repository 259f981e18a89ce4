<?php

declare(strict_types=1);

namespace Revurb\Supervision;

use Closure;
use Illuminate\Contracts\Debug\ExceptionHandler;
use Revurb\Output\ReportOnce;
use Throwable;

/**
 * Detects whether the apps differ from those that were last sent to the server.
 */
final class AppsWatch
{
    private readonly ReportOnce $reportOnce;

    private string $sent = '';

    /** @param  Closure(): list<array<string, mixed>>  $apps  in the form of the document */
    public function __construct(
        private readonly Closure $apps,
        ExceptionHandler $exceptions,
    ) {
        $this->reportOnce = new ReportOnce($exceptions);
    }

    /** A server was started with this document, so it has the apps in it. */
    public function serverStarted(string $document): void
    {
        $this->reportOnce->end();
        $content = json_decode($document, true);
        $this->sent = (string) json_encode(is_array($content) ? $content['apps'] ?? [] : []);
    }

    /** A command line for the server's stdin, or null if the server has the current apps. */
    public function nextCommand(): ?string
    {
        $wasOutage = $this->reportOnce->isOn();

        try {
            $apps = json_encode(($this->apps)(), JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
        } catch (Throwable $exception) {
            $this->reportOnce->report($exception);

            return $wasOutage ? null : '{"command":"apps-unreachable"}';
        }

        $this->reportOnce->end();
        // Encoded in the same way as `serverStarted` encodes the document's apps, so that equal apps are equal texts.
        $now = (string) json_encode(json_decode($apps, true));

        if ($now === $this->sent && ! $wasOutage) {
            return null;
        }

        $this->sent = $now;

        return "{\"command\":\"apps\",\"apps\":{$apps}}";
    }
}

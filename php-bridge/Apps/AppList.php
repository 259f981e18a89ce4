<?php

declare(strict_types=1);

namespace Revurb\Apps;

use Closure;
use Throwable;

/**
 * Reads the apps from the bound source.
 */
final readonly class AppList
{
    /** @param  Closure(): AppSource  $source  called when the apps are read: a source of an application may fail already when it is made */
    public function __construct(private Closure $source) {}

    /**
     * @return list<App>
     *
     * @throws UnknownAppProvider|UnreadableApps|UnusableApps
     */
    public function read(): array
    {
        try {
            $source = ($this->source)();
        } catch (UnknownAppProvider|UnreadableApps $exception) {
            throw $exception;
        } catch (Throwable $exception) {
            throw UnreadableApps::resolved(AppSource::class, $exception);
        }

        try {
            return $source->all();
        } catch (UnreadableApps|UnusableApps $exception) {
            throw $exception;
        } catch (Throwable $exception) {
            throw UnreadableApps::listed($source, $exception);
        }
    }
}

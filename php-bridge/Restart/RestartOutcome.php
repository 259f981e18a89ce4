<?php

declare(strict_types=1);

namespace Revurb\Restart;

use Revurb\Status\ServerRecord;

/**
 * The outcome of `reverb:restart` in one server.
 */
final readonly class RestartOutcome
{
    public const RESTARTED = 'restarted';

    public const FAILED = 'failed';

    public const MISSING = 'missing';

    /**
     * @param  self::*  $result
     * @param  string  $sentence  without the name of the server, and without a full stop
     */
    public function __construct(
        public ServerRecord $record,
        public string $result,
        public string $sentence,
    ) {}
}

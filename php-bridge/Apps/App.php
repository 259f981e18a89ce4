<?php

declare(strict_types=1);

namespace Revurb\Apps;

use SensitiveParameter;

/**
 * One app as the server is told of it. Values are raw, as the configuration or a provider has them: judging them is the
 * server's part, so that every fault is named in one place.
 */
final readonly class App
{
    /**
     * @param  array<string, mixed>  $settings  limits and origins under the names of config/reverb.php; an absent or null one has the server's default
     */
    public function __construct(
        public mixed $id,
        public mixed $key,
        #[SensitiveParameter]
        public mixed $secret,
        public array $settings = [],
    ) {}
}

<?php

declare(strict_types=1);

namespace Revurb\System;

/**
 * Functions that this PHP lacks, what does not work without them, and how to install them.
 */
final readonly class MissingFunctions
{
    /**
     * @param  bool  $isFatal  whether the server cannot be started at all
     * @param  list<string>  $functions
     * @param  string  $consequence  a clause without a full stop
     * @param  string  $fix  a sentence without its full stop
     */
    public function __construct(
        public bool $isFatal,
        public array $functions,
        public string $consequence,
        public string $fix,
    ) {}

    public function sentence(): string
    {
        return 'This PHP has no '.implode(', ', $this->functions).": {$this->consequence}. {$this->fix}.";
    }
}

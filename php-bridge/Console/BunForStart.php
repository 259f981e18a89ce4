<?php

declare(strict_types=1);

namespace Revurb\Console;

use Closure;
use Revurb\Bridge\ReverbConfig;
use Revurb\Bun\BunFinder;
use Revurb\Bun\BunNotFound;
use Revurb\Bun\BunOffer;
use Revurb\Bun\FoundBun;

/**
 * Finds the Bun for `reverb:start`. If there is none, the command downloads it after confirmation on an interactive terminal. Under a process
 * manager it asks nothing, and ends with the error.
 */
final readonly class BunForStart
{
    public function __construct(
        private BunFinder $finder,
        private ReverbConfig $config,
        private BunOffer $offer,
    ) {}

    /**
     * @param  bool  $canAsk  whether the command runs on an interactive terminal
     * @param  Closure(string, string): bool  $isWanted  asks the question, with a hint below it
     * @param  Closure(): bool  $install  whether Bun is stored then; it reports its errors itself
     *
     * @throws BunNotFound
     */
    public function find(bool $canAsk, Closure $isWanted, Closure $install): FoundBun
    {
        try {
            return $this->finder->find($this->config->bun());
        } catch (BunNotFound $exception) {
            $question = $canAsk && ! $exception->isNamed ? $this->offer->question() : null;

            if ($question === null || ! $isWanted($question, implode('; ', $exception->found)) || ! $install()) {
                throw $exception;
            }
        }

        return $this->finder->find($this->config->bun());
    }
}

<?php

declare(strict_types=1);

namespace Revurb\Doctor\Probes;

use Revurb\Doctor\CheckResult;
use Revurb\Doctor\Context\DoctorContext;

/**
 * Explains a missing response, or one that does not come from the server: which connection is broken, and how to fix it.
 */
final readonly class Diagnosis
{
    private Remedies $remedies;

    private MissingAnswer $missing;

    private ForeignAnswer $foreign;

    public function __construct(DoctorContext $context, Probes $probes)
    {
        $this->remedies = new Remedies($context, $probes);
        $this->missing = new MissingAnswer($context, $probes, $this->remedies);
        $this->foreign = new ForeignAnswer($context, $probes, $this->remedies);
    }

    public function unreachable(Endpoint $endpoint, Unreachable $unreachable): CheckResult
    {
        return $this->missing->explain($endpoint, $unreachable);
    }

    /** Explains a response that the server itself never sends. */
    public function strange(Endpoint $endpoint, Reply $reply): CheckResult
    {
        return $this->foreign->explain($endpoint, $reply);
    }

    /** What has to follow the change of a variable or value that the running server has read. */
    public function thenRestart(string $variable = '', string $how = 'php artisan reverb:restart'): string
    {
        return $this->remedies->thenRestart($variable, $how);
    }
}

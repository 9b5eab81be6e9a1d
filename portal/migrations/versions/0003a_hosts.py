"""The host that a job asks

Revision ID: 0003a
Revises: 0003
Create Date: 2026-11-22

"""
from alembic import op
import sqlalchemy as sa


# revision identifiers, used by Alembic.
revision = '0003a'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.add_column(sa.Column('host', sa.String(length=255), nullable=True))
        batch_op.add_column(sa.Column('host_limit', sa.Integer(), nullable=True))
        batch_op.create_index(batch_op.f('ix_job_host'), ['host'], unique=False)


def downgrade():
    with op.batch_alter_table('job', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_job_host'))
        batch_op.drop_column('host_limit')
        batch_op.drop_column('host')
